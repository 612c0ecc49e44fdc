// A word about the state of something.
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from '@/lib/classes';

export type BadgeTone = 'neutral' | 'accent' | 'ok' | 'warn' | 'danger';

interface Props {
  tone?: BadgeTone;
  icon?: LucideIcon | undefined;
  className?: string;
  children: ReactNode;
}

const TONES: Record<BadgeTone, string> = {
  neutral: 'bg-sunken text-muted',
  accent: 'bg-accent-soft text-accent',
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
};

export function Badge({ tone = 'neutral', icon: Icon, className, children }: Props) {
  return (
    <span
      className={classes(
        'inline-flex h-6 max-w-full shrink-0 items-center gap-1 rounded-full px-2.5 font-medium text-[13px]',
        TONES[tone],
        className,
      )}
    >
      {Icon && <Icon aria-hidden className="size-3.5 shrink-0" />}
      <span className="truncate">{children}</span>
    </span>
  );
}

// One thing said on a page of its own, with what can be done about it.
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTitle } from '@/components/ui/useTitle';

interface Props {
  icon: LucideIcon;
  title: string;
  text: string;
  children?: ReactNode;
}

export function FullPageNotice({ icon: Icon, title, text, children }: Props) {
  useTitle(title);
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-6 py-16 text-center">
      <span className="flex size-14 items-center justify-center rounded-2xl bg-accent-soft text-accent">
        <Icon aria-hidden className="size-7" />
      </span>
      <h1 className="mt-6 text-balance font-semibold text-2xl tracking-tight">{title}</h1>
      <p className="mt-2 max-w-md text-pretty text-[15px] text-muted leading-6">{text}</p>
      <div className="mt-8 flex flex-wrap justify-center gap-2">{children}</div>
    </main>
  );
}

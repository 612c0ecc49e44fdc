// What a list says while it has nothing: what would be here, and how to begin.
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface Props {
  icon: LucideIcon;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
  /** It is all that the page says, so that its title is the page's. */
  isPage?: boolean;
}

export function EmptyState({ icon: Icon, title, text, action, isPage = false }: Props) {
  const Title = isPage ? 'h1' : 'h2';
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <span className="flex size-12 items-center justify-center rounded-xl bg-accent-soft text-accent">
        <Icon aria-hidden className="size-6" />
      </span>
      <Title className="mt-5 text-balance font-semibold text-lg">{title}</Title>
      {text && <p className="mt-1.5 max-w-md text-pretty text-[15px] text-muted leading-6">{text}</p>}
      {action && <div className="mt-6 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

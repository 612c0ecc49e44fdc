// The page's one h1, what it is about, and what can be done on it.
import type { ReactNode } from 'react';

interface Props {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, description, actions }: Props) {
  return (
    <header className="mb-8 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
      <div className="min-w-0 max-w-2xl flex-1 basis-72">
        <h1 className="wrap-anywhere text-balance font-semibold text-2xl tracking-tight">{title}</h1>
        {description && <p className="mt-1.5 text-pretty text-[15px] text-muted leading-6">{description}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

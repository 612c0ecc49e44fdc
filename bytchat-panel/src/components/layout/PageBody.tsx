// The column in which most pages lie: it scrolls, and begins at its top on every page.
import type { ReactNode } from 'react';

export function PageBody({ children }: { children: ReactNode }) {
  return (
    <div className="relative min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8 sm:py-10">{children}</div>
    </div>
  );
}

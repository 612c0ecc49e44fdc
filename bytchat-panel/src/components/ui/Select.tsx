import { ChevronDown } from 'lucide-react';
import type { ComponentProps } from 'react';
import { classes } from '@/lib/classes';
import { CONTROL } from './controlClasses';

/** The browser's own select: it works with every keyboard and screen reader. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={classes('relative inline-block w-full min-w-0', className)}>
      <select {...rest} className={classes(CONTROL, 'h-10 appearance-none truncate pr-9')}>
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted"
      />
    </span>
  );
}

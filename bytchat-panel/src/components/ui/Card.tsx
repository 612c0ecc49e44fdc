import type { ComponentProps } from 'react';
import { classes } from '@/lib/classes';

/** A surface that holds what belongs together. */
export function Card({ className, ...rest }: ComponentProps<'div'>) {
  return <div {...rest} className={classes('rounded-xl border border-line bg-surface p-5', className)} />;
}

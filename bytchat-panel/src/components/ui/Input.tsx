import type { ComponentProps } from 'react';
import { classes } from '@/lib/classes';
import { CONTROL } from './controlClasses';

/** One line of text. */
export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...rest} className={classes(CONTROL, 'h-10', className)} />;
}

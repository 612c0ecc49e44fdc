import type { ComponentProps } from 'react';
import { classes } from '@/lib/classes';
import { CONTROL } from './controlClasses';

interface Props extends ComponentProps<'textarea'> {
  /** As high as what is written in it; give a `max-h-…` to bound it. */
  isAutoGrowing?: boolean;
}

/** Several lines of text. */
export function Textarea({ isAutoGrowing = false, className, rows = 3, ...rest }: Props) {
  const growth = isAutoGrowing ? 'field-sizing-content max-h-80 resize-none' : 'resize-y';
  return <textarea rows={rows} {...rest} className={classes(CONTROL, 'py-2 leading-6', growth, className)} />;
}

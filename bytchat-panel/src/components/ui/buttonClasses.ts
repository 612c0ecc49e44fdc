// How buttons, and links that look like them, are drawn.
import { classes } from '@/lib/classes';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ButtonSize = 'sm' | 'md';

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'border border-line-strong bg-surface text-ink hover:bg-sunken',
  ghost: 'text-ink hover:bg-sunken',
  danger: 'bg-danger text-surface hover:brightness-90',
};

const SIZES: Record<ButtonSize, string> = {
  sm: 'h-8 gap-1.5 px-3 text-sm',
  md: 'h-10 gap-2 px-4 text-[15px]',
};

export function buttonClasses(
  variant: ButtonVariant = 'secondary',
  size: ButtonSize = 'md',
  more?: string,
): string {
  return classes(
    'inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap rounded-lg font-medium transition-colors',
    'disabled:cursor-not-allowed disabled:border-line disabled:bg-sunken disabled:text-muted disabled:hover:brightness-100',
    VARIANTS[variant],
    SIZES[size],
    more,
  );
}

/** The side of an icon inside a control of that size. */
export function iconClasses(size: ButtonSize = 'md'): string {
  return size === 'sm' ? 'size-4 shrink-0' : 'size-[18px] shrink-0';
}

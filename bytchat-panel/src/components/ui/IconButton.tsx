// A button of one icon, with its name for those who hear it and for those who hover.
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { classes } from '@/lib/classes';
import { type ButtonSize, buttonClasses, iconClasses } from './buttonClasses';

interface Props extends Omit<ComponentProps<'button'>, 'children'> {
  'data-autofocus'?: boolean;
  icon: LucideIcon;
  label: string;
  size?: ButtonSize;
  variant?: 'ghost' | 'secondary';
}

export function IconButton({ icon: Icon, label, size = 'md', variant = 'ghost', className, ...rest }: Props) {
  const square = size === 'sm' ? 'w-8 px-0' : 'w-10 px-0';
  const quiet = variant === 'ghost' && 'text-muted hover:text-ink';
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={buttonClasses(variant, size, classes(square, quiet, className))}
    >
      <Icon aria-hidden className={iconClasses(size)} />
    </button>
  );
}

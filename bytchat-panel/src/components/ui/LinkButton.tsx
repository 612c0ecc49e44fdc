// A link that is drawn as a button: it goes somewhere and does nothing.
import type { LucideIcon } from 'lucide-react';
import { Link, type LinkProps } from 'react-router';
import { type ButtonSize, type ButtonVariant, buttonClasses, iconClasses } from './buttonClasses';

interface Props extends Omit<LinkProps, 'className'> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  icon?: LucideIcon | undefined;
  className?: string;
}

export function LinkButton({ variant, size, icon: Icon, className, children, ...rest }: Props) {
  return (
    <Link {...rest} className={buttonClasses(variant, size, className)}>
      {Icon && <Icon aria-hidden className={iconClasses(size)} />}
      {children}
    </Link>
  );
}

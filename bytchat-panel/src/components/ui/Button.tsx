// A button that is never pressed twice: while busy it keeps the focus and swallows what is done to it.
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, MouseEvent } from 'react';
import { type ButtonSize, type ButtonVariant, buttonClasses, iconClasses } from './buttonClasses';
import { Spinner } from './Spinner';

interface Props extends ComponentProps<'button'> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  isBusy?: boolean | undefined;
  icon?: LucideIcon | undefined;
}

export function Button({
  variant,
  size,
  isBusy = false,
  icon: Icon,
  className,
  children,
  onClick,
  ...rest
}: Props) {
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (isBusy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      onClick={press}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      className={buttonClasses(variant, size, className)}
    >
      {isBusy ? (
        <Spinner className={iconClasses(size)} />
      ) : (
        Icon && <Icon aria-hidden className={iconClasses(size)} />
      )}
      {children}
    </button>
  );
}

// A question or a form over the page.
import { X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { classes } from '@/lib/classes';
import { IconButton } from './IconButton';
import { useModal } from './useModal';

interface Props {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  size?: 'sm' | 'md' | 'lg';
  footer?: ReactNode;
  children?: ReactNode;
}

const WIDTHS = { sm: 'max-w-md', md: 'max-w-xl', lg: 'max-w-3xl' };

export function Dialog({ isOpen, ...rest }: Props) {
  return isOpen ? <OpenDialog {...rest} /> : null;
}

function OpenDialog({ onClose, title, description, size = 'md', footer, children }: Omit<Props, 'isOpen'>) {
  const { t } = useTranslation('common');
  const dialog = useModal(onClose);
  const id = useId();
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-description` : undefined}
      className={classes(
        'panel-dialog m-auto max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] rounded-xl border border-line bg-surface text-ink shadow-raised outline-none',
        WIDTHS[size],
      )}
    >
      <div className="flex max-h-[calc(100dvh-2rem-2px)] flex-col">
        <header className="flex items-start gap-4 px-5 pt-5 sm:px-6">
          <div className="min-w-0 flex-1">
            <h2 id={`${id}-title`} className="wrap-anywhere font-semibold text-lg leading-7">
              {title}
            </h2>
            {description && (
              <div id={`${id}-description`} className="mt-1 text-[15px] text-muted leading-6">
                {description}
              </div>
            )}
          </div>
          <IconButton icon={X} label={t('close')} size="sm" onClick={onClose} className="-mr-1.5" />
        </header>
        <div className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 py-5 has-[>form:empty]:py-2.5 sm:px-6">
          {children}
        </div>
        {footer && (
          <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-5 py-4 sm:px-6">
            {footer}
          </footer>
        )}
      </div>
    </dialog>
  );
}

// A sheet at the right for reading something beside the page; the whole screen on phones.
import { X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './IconButton';
import { useModal } from './useModal';

interface Props {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  actions?: ReactNode;
  children?: ReactNode;
}

export function Drawer({ isOpen, ...rest }: Props) {
  return isOpen ? <OpenDrawer {...rest} /> : null;
}

function OpenDrawer({ onClose, title, actions, children }: Omit<Props, 'isOpen'>) {
  const { t } = useTranslation('common');
  const dialog = useModal(onClose);
  const id = useId();
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      aria-labelledby={id}
      className="panel-drawer fixed inset-y-0 right-0 left-auto m-0 h-dvh max-h-none w-full max-w-none border-line bg-surface text-ink shadow-raised outline-none sm:w-[36rem] sm:max-w-[85vw] sm:border-l"
    >
      <div className="flex h-full flex-col">
        <header className="flex items-center gap-2 border-line border-b py-3 pr-3 pl-5">
          <h2 id={id} title={title} className="min-w-0 flex-1 truncate font-semibold">
            {title}
          </h2>
          {actions}
          <IconButton icon={X} label={t('close')} size="sm" onClick={onClose} />
        </header>
        <div className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain">{children}</div>
      </div>
    </dialog>
  );
}

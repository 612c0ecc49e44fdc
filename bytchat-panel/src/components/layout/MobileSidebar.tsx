// The sidebar as a drawer from the left; it closes when one goes somewhere.
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { IconButton } from '@/components/ui/IconButton';
import { useModal } from '@/components/ui/useModal';
import { Sidebar } from './Sidebar';

export function MobileSidebar({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('common');
  const dialog = useModal(onClose);
  useClosedOnNavigation(onClose);
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      aria-label={t('navigation')}
      className="panel-drawer-left fixed inset-y-0 left-0 m-0 h-dvh max-h-none w-72 max-w-[85vw] border-line border-r bg-page text-ink outline-none"
    >
      <IconButton icon={X} label={t('close')} data-autofocus onClick={onClose} className="absolute top-3 right-3" />
      <Sidebar />
    </dialog>
  );
}

function useClosedOnNavigation(onClose: () => void): void {
  const { key } = useLocation();
  const opened = useRef(key);
  useEffect(() => {
    if (opened.current !== key) onClose();
  }, [key, onClose]);
}

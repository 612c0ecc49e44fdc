// Asks before an own key is deleted.
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import { useRemoveKey } from '@/queries/providers';
import { useToasts } from '@/store/toasts';
import type { Vendor } from './KeyDialog';

interface RemoveKeyDialogProps {
  provider: Vendor;
  onClose: () => void;
}

export function RemoveKeyDialog({ provider, onClose }: RemoveKeyDialogProps) {
  const { t } = useTranslation('toolbox');
  const removing = useRemoveKey();
  const show = useToasts((toasts) => toasts.show);
  const name = t(`provider.${provider}`);
  const remove = () =>
    removing.mutate(provider, {
      onSuccess: () => {
        show('ok', t('removeKey.done', { provider: name }));
        onClose();
      },
    });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={remove}
      title={t('removeKey.title', { provider: name })}
      description={t('removeKey.text', { provider: name })}
      confirmLabel={t('removeKey.confirm')}
      isBusy={removing.isPending}
      error={removing.error}
    />
  );
}

// The end of an account and of all that it owns.
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import { useRemoveAccount } from '@/queries/account';
import { useSession } from '@/store/session';
import { ExportButton } from './ExportButton';
import { Section } from './Section';

export function RemoveAccountSection() {
  const { t } = useTranslation('account');
  const [isOpen, setIsOpen] = useState(false);
  const email = useSession((session) => session.user?.email ?? '');
  const removal = useRemoveAccount();
  const close = () => {
    if (removal.isPending) return;
    removal.reset();
    setIsOpen(false);
  };
  return (
    <Section title={t('remove.title')} text={t('remove.text')}>
      <Button
        icon={Trash2}
        onClick={() => setIsOpen(true)}
        className="border-danger text-danger hover:bg-danger-soft"
      >
        {t('remove.open')}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={close}
        onConfirm={() => removal.mutate()}
        title={t('remove.question')}
        description={t('remove.warning')}
        confirmLabel={t('remove.confirm')}
        typed={email}
        isTypedEmail
        isBusy={removal.isPending}
        error={removal.error}
      >
        <p className="mb-3 text-sm leading-5">{t('remove.exportFirst')}</p>
        <ExportButton />
      </ConfirmDialog>
    </Section>
  );
}

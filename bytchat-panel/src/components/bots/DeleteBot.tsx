// The end of a bot: its name must be typed.
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Bot } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import { useRemoveBot } from '@/queries/bots';
import { useToasts } from '@/store/toasts';
import { useOneAtATime } from './useOneAtATime';

export function DeleteBot({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots');
  const [isAsked, setIsAsked] = useState(false);
  const navigate = useNavigate();
  const show = useToasts((toasts) => toasts.show);
  const remove = useRemoveBot(bot.id, async () => {
    await navigate('/bots', { replace: true });
    show('ok', t('danger.done', { name: bot.name }));
  });
  const removeOnce = useOneAtATime(remove);
  const close = () => {
    if (remove.isPending) return;
    remove.reset();
    setIsAsked(false);
  };
  return (
    <section className="mt-10 flex flex-col items-start justify-between gap-4 rounded-xl border border-danger p-5 sm:flex-row sm:items-center sm:p-6">
      <div className="max-w-2xl">
        <h2 className="font-semibold text-base text-danger">{t('danger.title')}</h2>
        <p className="mt-1 text-muted text-sm">{t('danger.text')}</p>
      </div>
      <Button variant="danger" icon={Trash2} onClick={() => setIsAsked(true)}>
        {t('danger.delete')}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onClose={close}
        onConfirm={() => removeOnce()}
        title={t('danger.confirmTitle', { name: bot.name })}
        description={t('danger.text')}
        confirmLabel={t('danger.confirm')}
        typed={bot.name}
        isBusy={remove.isPending}
        error={remove.error}
      />
    </section>
  );
}

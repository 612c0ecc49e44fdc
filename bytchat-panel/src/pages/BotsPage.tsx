// All of an owner's bots.
import { Bot, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { QuotaNotice } from '@/components/account/QuotaNotice';
import { BotGrid, BotGridSkeleton } from '@/components/bots/BotGrid';
import { CreateBot } from '@/components/bots/CreateBot';
import { Button } from '@/components/ui/Button';
import { EmptyState } from '@/components/ui/EmptyState';
import { PageHeader } from '@/components/ui/PageHeader';
import { QueryState } from '@/components/ui/QueryState';
import { useTitle } from '@/components/ui/useTitle';
import { useBots } from '@/queries/bots';

export default function BotsPage() {
  const { t } = useTranslation('bots');
  const [isCreating, setIsCreating] = useState(false);
  const bots = useBots();
  useTitle(t('title'));
  const button = (
    <Button variant="primary" icon={Plus} onClick={() => setIsCreating(true)}>
      {t('new')}
    </Button>
  );
  return (
    <>
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={bots.data?.length ? button : undefined}
      />
      <QuotaNotice of={['bots']} className="mb-5" />
      <QueryState
        query={bots}
        loading={<BotGridSkeleton />}
        isEmpty={(list) => list.length === 0}
        empty={<EmptyState icon={Bot} title={t('empty.title')} text={t('empty.text')} action={button} />}
      >
        {(list) => <BotGrid bots={list} />}
      </QueryState>
      <CreateBot isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </>
  );
}

// A bot's toolbox: which model answers which questions, and with which keys.
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { ProviderCards } from '@/components/toolbox/ProviderCards';
import { type Asking, Toolbox } from '@/components/toolbox/Toolbox';
import { Button } from '@/components/ui/Button';
import { LinkButton } from '@/components/ui/LinkButton';
import { PageHeader } from '@/components/ui/PageHeader';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useTitle } from '@/components/ui/useTitle';
import { useBot } from '@/queries/bots';

export default function ToolboxPage() {
  const { t } = useTranslation('toolbox');
  const { botId = '' } = useParams();
  const bot = useBot(botId);
  const [asking, setAsking] = useState<Asking>({ kind: 'nothing' });
  useTitle(bot.data && t('pageTitle', { bot: bot.data.name }));
  const addButton = (
    <Button
      variant="primary"
      icon={Plus}
      disabled={!bot.data}
      onClick={() => setAsking({ kind: 'config', config: null })}
    >
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} actions={addButton} />
      <div className="space-y-10">
        <QueryState query={bot} loading={<Loading />}>
          {(found) => <Toolbox bot={found} asking={asking} onAsk={setAsking} />}
        </QueryState>
        <Keys />
      </div>
    </>
  );
}

function Keys() {
  const { t } = useTranslation('toolbox');
  return (
    <section aria-labelledby="keys" className="space-y-4">
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div className="space-y-1">
          <h2 id="keys" className="text-lg font-semibold">
            {t('keys.cards')}
          </h2>
          <p className="text-sm text-muted">{t('keys.cardsText')}</p>
        </div>
        <LinkButton to="/providers" variant="ghost" size="sm">
          {t('keys.all')}
        </LinkButton>
      </header>
      <ProviderCards isCompact />
    </section>
  );
}

function Loading() {
  return (
    <div className="space-y-4">
      <Skeleton className="h-40 rounded-xl" />
      <Skeleton className="h-40 rounded-xl" />
    </div>
  );
}

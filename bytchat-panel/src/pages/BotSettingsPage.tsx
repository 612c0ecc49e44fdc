// How a bot is called, behaves and finds what it knows, and its end.
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { BotForm } from '@/components/bots/BotForm';
import { DeleteBot } from '@/components/bots/DeleteBot';
import { EmbeddingSection } from '@/components/bots/EmbeddingSection';
import { PageHeader } from '@/components/ui/PageHeader';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useTitle } from '@/components/ui/useTitle';
import { useBot } from '@/queries/bots';

export default function BotSettingsPage() {
  const { t } = useTranslation('bots');
  const { botId = '' } = useParams();
  const bot = useBot(botId);
  useTitle(bot.data ? t('settings.pageTitle', { name: bot.data.name }) : t('settings.title'));
  return (
    <>
      <PageHeader title={t('settings.title')} description={t('settings.description')} />
      <QueryState query={bot} loading={<SettingsSkeleton />}>
        {(data) => (
          <>
            <BotForm key={data.id} bot={data} />
            <div className="mt-6">
              <EmbeddingSection bot={data} />
            </div>
            <DeleteBot bot={data} />
          </>
        )}
      </QueryState>
    </>
  );
}

function SettingsSkeleton() {
  return (
    <div className="flex flex-col gap-6">
      <Skeleton className="h-60 rounded-xl" />
      <Skeleton className="h-96 rounded-xl" />
    </div>
  );
}

// The frame of a bot's pages: its name and the tabs between them.
import { BotOff, ChevronRight, FileText, MessageSquareText, Settings, Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation, useParams } from 'react-router';
import { Problem } from '@/api/problem';
import type { Bot } from '@/api/types';
import { EmptyState } from '@/components/ui/EmptyState';
import { ErrorState } from '@/components/ui/ErrorState';
import { LinkButton } from '@/components/ui/LinkButton';
import { NavTabs } from '@/components/ui/NavTabs';
import { Skeleton } from '@/components/ui/Skeleton';
import { useTitle } from '@/components/ui/useTitle';
import { useBot } from '@/queries/bots';
import { PageBody } from './PageBody';
import { fillsHeight, sectionOf } from './section';

export function BotLayout() {
  const { botId = '' } = useParams();
  const { data: bot, error, isFetching, refetch } = useBot(botId);
  if (isUnknown(error)) return <UnknownBot />;
  if (error && !bot) return <ErrorState error={error} isBusy={isFetching} onRetry={() => void refetch()} />;
  return (
    <>
      <BotHeader botId={botId} bot={bot} />
      <BotPage key={botId} />
    </>
  );
}

/** Deleted, somebody else's, or no id at all. */
function isUnknown(error: unknown): boolean {
  return error instanceof Problem && (error.status === 404 || error.code === 'validation');
}

function BotPage() {
  const { pathname } = useLocation();
  if (fillsHeight(pathname)) {
    return (
      <div className="flex min-h-0 flex-1 flex-col">
        <Outlet />
      </div>
    );
  }
  return (
    <PageBody key={sectionOf(pathname)}>
      <Outlet />
    </PageBody>
  );
}

function BotHeader({ botId, bot }: { botId: string; bot: Bot | undefined }) {
  const { t } = useTranslation('common');
  const tab = (path: string) => `/bots/${botId}/${path}`;
  return (
    <header className="flex shrink-0 flex-col gap-x-8 border-line border-b bg-surface px-2 pt-2 sm:px-6 xl:flex-row xl:items-end xl:justify-between xl:pt-1.5">
      <div className="flex h-11 min-w-0 items-center gap-1.5 px-2 text-[15px]">
        <Link to="/bots" className="rounded-md text-muted hover:text-ink">
          {t('nav.bots')}
        </Link>
        <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
        {bot ? (
          <span title={bot.name} className="truncate font-semibold">
            {bot.name}
          </span>
        ) : (
          <Skeleton className="w-32" />
        )}
      </div>
      <NavTabs
        label={t('bot.pages')}
        items={[
          { to: tab('chat'), label: t('bot.chat'), icon: MessageSquareText },
          { to: tab('documents'), label: t('bot.documents'), icon: FileText },
          { to: tab('toolbox'), label: t('bot.toolbox'), icon: Wrench },
          { to: tab('settings'), label: t('bot.settings'), icon: Settings },
        ]}
      />
    </header>
  );
}

function UnknownBot() {
  const { t } = useTranslation('common');
  useTitle(t('bot.unknownTitle'));
  return (
    <PageBody>
      <EmptyState
        icon={BotOff}
        isPage
        title={t('bot.unknownTitle')}
        text={t('bot.unknownText')}
        action={
          <LinkButton to="/bots" variant="primary">
            {t('bot.toBots')}
          </LinkButton>
        }
      />
    </PageBody>
  );
}

// What a search has found: whether the bot would answer, and the passages, each a way into its document.
import type { UseQueryResult } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Found, FoundPassage } from '@/api/types';
import { EmptyState } from '@/components/ui/EmptyState';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useBot } from '@/queries/bots';
import { ConfidenceCard } from './ConfidenceCard';
import { PassageList, PassageListSkeleton } from './PassageList';
import { usePassage } from './usePassage';

interface Props {
  botId: string;
  query: string;
  search: UseQueryResult<Found>;
}

const PassageDrawer = lazy(async () => ({ default: (await import('./PassageDrawer')).PassageDrawer }));

export function SearchResults({ botId, query, search }: Props) {
  const { t } = useTranslation('training');
  const { data: bot } = useBot(botId);
  const { passage, openPassage, closePassage } = usePassage();
  const open = (one: FoundPassage, n: number) => openPassage({ ...one, n, quote: one.text }, '');
  return (
    <>
      <QueryState query={search} loading={<Loading />}>
        {(found) => (
          <>
            {bot && <ConfidenceCard bot={bot} found={found} />}
            {found.passages.length === 0 ? (
              <EmptyState icon={SearchX} title={t('search.noneTitle')} text={t('search.noneText')} />
            ) : (
              <PassageList passages={found.passages} query={query} onOpen={open} />
            )}
          </>
        )}
      </QueryState>
      {passage && (
        <Suspense>
          <PassageDrawer
            botId={botId}
            passage={passage}
            title={t('search.passageOf', { name: passage.filename })}
            onClose={closePassage}
          />
        </Suspense>
      )}
    </>
  );
}

function Loading() {
  return (
    <div className="flex flex-col gap-6">
      <Skeleton className="h-32 rounded-xl" />
      <PassageListSkeleton />
    </div>
  );
}

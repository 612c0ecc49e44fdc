// The passages that a search has found, best first, with the figures that put them in this order.
import { useTranslation } from 'react-i18next';
import type { FoundPassage } from '@/api/types';
import { Skeleton } from '@/components/ui/Skeleton';
import { PassageRow } from './PassageRow';

interface Props {
  passages: readonly FoundPassage[];
  query: string;
  onOpen: (passage: FoundPassage, n: number) => void;
}

export function PassageList({ passages, query, onOpen }: Props) {
  const { t } = useTranslation('training');
  const mostWords = Math.max(...passages.map(({ bm25 }) => bm25));
  return (
    <section className="flex flex-col gap-3">
      <h2 className="font-medium text-muted text-sm">{t('search.count', { count: passages.length })}</h2>
      <Legend />
      <ol
        aria-label={t('search.passages')}
        className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface"
      >
        {passages.map((passage, i) => (
          <PassageRow
            key={`${passage.document_id}:${passage.start}`}
            n={i + 1}
            passage={passage}
            query={query}
            mostWords={mostWords}
            onOpen={() => onOpen(passage, i + 1)}
          />
        ))}
      </ol>
    </section>
  );
}

const FIGURES = ['score', 'bm25', 'vector'] as const;

function Legend() {
  const { t } = useTranslation('training');
  return (
    <dl className="grid gap-x-6 gap-y-1.5 text-pretty text-muted text-xs leading-[18px] md:grid-cols-3">
      {FIGURES.map((figure) => (
        <div key={figure}>
          <dt className="inline font-medium text-ink">{t(`search.${figure}`)}: </dt>
          <dd className="inline">{t(`search.${figure}Means`)}</dd>
        </div>
      ))}
    </dl>
  );
}

export function PassageListSkeleton() {
  return (
    <div className="divide-y divide-line rounded-xl border border-line bg-surface">
      {['a', 'b', 'c'].map((row) => (
        <div key={row} className="flex flex-col gap-2.5 p-5">
          <Skeleton className="w-48 max-w-full" />
          <Skeleton className="w-full" />
          <Skeleton className="w-3/4" />
        </div>
      ))}
    </div>
  );
}

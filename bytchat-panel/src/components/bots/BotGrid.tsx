// The bots with their search; and the grid's shape while they load.
import { Search, SearchX } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bot } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { EmptyState } from '@/components/ui/EmptyState';
import { Input } from '@/components/ui/Input';
import { Skeleton } from '@/components/ui/Skeleton';
import { BotCard } from './BotCard';
import { matchingBots } from './botCard';

const GRID = 'grid gap-4 sm:grid-cols-2 xl:grid-cols-3';

export function BotGrid({ bots }: { bots: Bot[] }) {
  const [query, setQuery] = useState('');
  const found = matchingBots(bots, useDeferredValue(query));
  return (
    <div className="flex flex-col gap-5">
      <BotSearch query={query} onChange={setQuery} found={query.trim() ? found.length : null} />
      {found.length ? (
        <ul className={GRID}>
          {found.map((bot) => (
            <li key={bot.id} className="min-w-0">
              <BotCard bot={bot} />
            </li>
          ))}
        </ul>
      ) : (
        <NoMatch query={query} onClear={() => setQuery('')} />
      )}
    </div>
  );
}

interface BotSearchProps {
  query: string;
  onChange: (query: string) => void;
  /** How many there are, where something is looked for. */
  found: number | null;
}

function BotSearch({ query, onChange, found }: BotSearchProps) {
  const { t } = useTranslation('bots');
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="relative w-full sm:max-w-sm">
        <Search
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
        />
        <Input
          type="search"
          aria-label={t('search')}
          placeholder={t('searchPlaceholder')}
          className="pl-9"
          value={query}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      <p role="status" className="text-sm text-muted">
        {found !== null && t('found', { count: found })}
      </p>
    </div>
  );
}

function NoMatch({ query, onClear }: { query: string; onClear: () => void }) {
  const { t } = useTranslation('bots');
  return (
    <EmptyState
      icon={SearchX}
      title={t('noMatch.title')}
      text={t('noMatch.text', { query })}
      action={
        <Button variant="secondary" onClick={onClear}>
          {t('clearSearch')}
        </Button>
      }
    />
  );
}

export function BotGridSkeleton() {
  return (
    <div className="flex flex-col gap-5">
      <Skeleton className="h-10 w-full rounded-lg sm:max-w-sm" />
      <div className={GRID}>
        {['a', 'b', 'c', 'd', 'e', 'f'].map((card) => (
          <Skeleton key={card} className="h-39 rounded-xl" />
        ))}
      </div>
    </div>
  );
}

// What is looked for, and how many passages are wanted.
import { Search } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';
import { Input } from '@/components/ui/Input';
import { Select } from '@/components/ui/Select';
import { LIMITS, type SearchTrial } from '@/lib/trySearch';

const MAX_QUERY_CHARACTERS = 16_000;

interface Props {
  trial: SearchTrial;
  isBusy: boolean;
  onSearch: (trial: SearchTrial) => void;
}

export function SearchForm({ trial, isBusy, onSearch }: Props) {
  const { t } = useTranslation('training');
  const [query, setQuery] = useState(trial.query);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (query.trim()) onSearch({ ...trial, query: query.trim() });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is unknown to browsers that we still serve.
    <form role="search" onSubmit={submit} className="flex flex-wrap gap-2">
      <div className="relative min-w-0 flex-1 basis-72">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
        />
        <Input
          type="search"
          enterKeyHint="search"
          autoComplete="off"
          maxLength={MAX_QUERY_CHARACTERS}
          aria-label={t('search.query')}
          placeholder={t('search.placeholder')}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          className="pl-9"
        />
      </div>
      <div className="flex gap-2 max-sm:w-full">
        <Select
          aria-label={t('search.limit')}
          value={trial.limit}
          onChange={(event) => onSearch({ query: query.trim(), limit: Number(event.target.value) })}
          className="w-36 max-sm:flex-1"
        >
          {LIMITS.map((limit) => (
            <option key={limit} value={limit}>
              {t('search.upTo', { count: limit })}
            </option>
          ))}
        </Select>
        <Button type="submit" variant="primary" isBusy={isBusy}>
          {t('search.submit')}
        </Button>
      </div>
    </form>
  );
}

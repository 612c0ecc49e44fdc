// Looks for words in a document, since the browser's own search sees only the lines that are drawn.
import { ChevronDown, ChevronUp, Search, X } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/IconButton';
import { Input } from '@/components/ui/Input';
import { useFormat } from '@/components/ui/useFormat';
import { MAX_MATCHES, MAX_QUERY_CHARACTERS } from '@/lib/findInText';
import type { Find } from './useFind';

export function FindBar({ find }: { find: Find }) {
  const { t } = useTranslation('training');
  const input = useRef<HTMLInputElement>(null);
  useFindKeys(input);
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter') find.step(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape' && find.query) {
      // Not the drawer's Escape: the first clears the search.
      event.preventDefault();
      event.stopPropagation();
      find.setQuery('');
    } else return;
    event.preventDefault();
  };
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">
      <div className="relative min-w-0 max-w-72 flex-1 basis-40">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted" />
        <Input
          ref={input}
          value={find.query}
          maxLength={MAX_QUERY_CHARACTERS}
          aria-label={t('viewer.find')}
          placeholder={t('viewer.findPlaceholder')}
          onChange={(event) => find.setQuery(event.target.value)}
          onKeyDown={press}
          className="h-8 pl-8 text-sm"
        />
      </div>
      {find.query.trim() !== '' && <Matches find={find} />}
    </div>
  );
}

/** Ctrl-F comes here; a second time the browser's own search opens. */
function useFindKeys(input: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      const isFind = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f';
      if (!isFind || document.activeElement === input.current) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [input]);
}

function Matches({ find }: { find: Find }) {
  const { t } = useTranslation('training');
  const isNone = find.matches.length === 0;
  return (
    <div className="flex items-center">
      <span role="status" className="mr-1 whitespace-nowrap text-muted text-sm tabular-nums">
        <Count find={find} />
      </span>
      <IconButton
        icon={ChevronUp}
        size="sm"
        label={t('viewer.previousMatch')}
        disabled={isNone}
        onClick={() => find.step(-1)}
      />
      <IconButton
        icon={ChevronDown}
        size="sm"
        label={t('viewer.nextMatch')}
        disabled={isNone}
        onClick={() => find.step(1)}
      />
      <IconButton icon={X} size="sm" label={t('viewer.clear')} onClick={() => find.setQuery('')} />
    </div>
  );
}

function Count({ find: { isSearching, matches, current } }: { find: Find }) {
  const { t } = useTranslation('training');
  const format = useFormat();
  if (isSearching) return t('viewer.searching');
  if (matches.length === 0) return t('viewer.noMatches');
  const key = matches.length >= MAX_MATCHES ? 'viewer.manyMatches' : 'viewer.matches';
  return t(key, { n: format.number(current + 1), total: format.number(matches.length) });
}

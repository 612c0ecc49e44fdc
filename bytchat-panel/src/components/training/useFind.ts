// The search within a document: what is looked for, where it is found, and at which place the reader is.
import { useDeferredValue, useEffect, useState } from 'react';
import type { Span } from '@/lib/codePoints';
import { findMatches, matchFrom } from '@/lib/findInText';
import { runInSlices } from '@/lib/slices';

interface Found {
  query: string;
  matches: Span[];
  current: number;
}

export interface Find {
  query: string;
  setQuery: (query: string) => void;
  isSearching: boolean;
  matches: readonly Span[];
  /** The place in `matches`; there is none while `matches` is empty. */
  current: number;
  /** One further, or back with -1; around at the ends. */
  step: (by: 1 | -1) => void;
}

const NOTHING: Found = { query: '', matches: [], current: 0 };

/** `from`: where the reader is, whose next match is the first that is gone to. */
export function useFind(text: string, from: () => number): Find {
  const [query, setQuery] = useState('');
  const [found, setFound] = useState(NOTHING);
  const wanted = useDeferredValue(query.trim());
  useEffect(() => {
    if (!wanted) return setFound(NOTHING);
    const left = new AbortController();
    runInSlices(findMatches(text, wanted), left.signal).then(
      (matches) => setFound({ query: wanted, matches, current: matchFrom(matches, from()) }),
      () => {},
    );
    return () => left.abort();
  }, [text, wanted, from]);
  const step = (by: 1 | -1) =>
    setFound((now) => ({
      ...now,
      current: (now.current + by + now.matches.length) % Math.max(1, now.matches.length),
    }));
  return { query, setQuery, isSearching: query.trim() !== found.query, ...pick(found), step };
}

function pick({ matches, current }: Found) {
  return { matches, current };
}

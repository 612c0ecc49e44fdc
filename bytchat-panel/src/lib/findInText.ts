// Finds words in a text of megabytes, whatever their case, accents and line breaks, since the browser sees only what is drawn.
import type { Span } from './codePoints';

export const MAX_MATCHES = 10_000;
export const MAX_QUERY_CHARACTERS = 200;

const WINDOW = 100_000;
// What a match may be longer than its query: white space, mostly.
const OVERLAP = 1000;
const VARIANTS: Record<string, string> = {
  a: 'aáàâäãå',
  c: 'cç',
  e: 'eéèêë',
  i: 'iíìîï',
  n: 'nñ',
  o: 'oóòôöõ',
  u: 'uúùûü',
  y: 'yýÿ',
};

/** A pattern that finds `query`, or null for one without words. A letter with an accent asks for that accent. */
export function patternOf(query: string): RegExp | null {
  const words = query.slice(0, MAX_QUERY_CHARACTERS).trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  return new RegExp(words.map((word) => [...word].map(asPattern).join('')).join('\\s+'), 'giu');
}

/** The matches of `query` in order, in UTF-16 units, at most `MAX_MATCHES`. Pauses by yielding. */
export function* findMatches(text: string, query: string): Generator<void, Span[]> {
  const pattern = patternOf(query);
  const matches: Span[] = [];
  if (!pattern) return matches;
  let from = 0;
  for (let base = 0; base < text.length; base += WINDOW) {
    const found = matchesBetween(text, pattern, Math.max(base, from), base + WINDOW);
    matches.push(...found.slice(0, MAX_MATCHES - matches.length));
    if (matches.length === MAX_MATCHES) break;
    from = matches.at(-1)?.end ?? 0;
    yield;
  }
  return matches;
}

/** The first match at or after `at`, and after the last the first again. */
export function matchFrom(matches: readonly Span[], at: number): number {
  return Math.max(
    0,
    matches.findIndex((match) => match.start >= at),
  );
}

/** Those that begin between `from` and `until`. */
function matchesBetween(text: string, pattern: RegExp, from: number, until: number): Span[] {
  const window = text.slice(from, until + OVERLAP);
  const matches: Span[] = [];
  for (const match of window.matchAll(pattern)) {
    const start = from + match.index;
    if (start >= until || matches.length === MAX_MATCHES) break;
    matches.push({ start, end: start + match[0].length });
  }
  return matches;
}

function asPattern(character: string): string {
  const variants = VARIANTS[character.toLowerCase()];
  return variants ? `[${variants}]` : character.replace(/[\\^$.*+?()[\]{}|/-]/g, escaped);
}

function escaped(character: string): string {
  // With the flag `u` a hyphen may be escaped only inside a class.
  return character === '-' ? '-' : `\\${character}`;
}

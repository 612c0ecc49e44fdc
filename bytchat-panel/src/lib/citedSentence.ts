// Which sentence of a cited passage an answer stands on: the one that it says, or else the one nearest to it.
import type { Span } from './codePoints';

/** Of the words that the answer says, the share that a sentence must hold to be the one. */
const LEAST_SHARE = 0.5;
/** Shorter words are mostly articles and prepositions. */
const LEAST_LETTERS = 4;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}.,/-]*[\p{L}\p{N}]|[\p{L}\p{N}]/gu;

const sentences = new Intl.Segmenter('es', { granularity: 'sentence' });

/**
 * Where in `quote` the sentence is that `said`, an answer's words before its mark, speaks of, in UTF-16 units.
 * Null where none shares enough with it.
 */
export function citedSentence(quote: string, said: string): Span | null {
  const last = sentencesOf(said).at(-1);
  if (!last) return null;
  const claim = said.slice(last.start, last.end);
  const at = quote.indexOf(claim);
  return at === -1 ? nearest(quote, claim) : { start: at, end: at + claim.length };
}

function nearest(quote: string, claim: string): Span | null {
  const wanted = wordsOf(claim);
  let best: { span: Span; share: number } | null = null;
  for (const span of sentencesOf(quote)) {
    const share = shareOf(wanted, wordsOf(quote.slice(span.start, span.end)));
    if (share >= LEAST_SHARE && share > (best?.share ?? 0)) best = { span, share };
  }
  return best?.span ?? null;
}

/** Without the white space around them. */
function sentencesOf(text: string): Span[] {
  return [...sentences.segment(text)].flatMap(({ segment, index }) => {
    const words = segment.trim();
    const start = index + segment.indexOf(words);
    return words === '' ? [] : [{ start, end: start + words.length }];
  });
}

function wordsOf(text: string): Set<string> {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.match(WORD) ?? [];
  return new Set(words.filter((word) => word.length >= LEAST_LETTERS || /\p{N}/u.test(word)));
}

function shareOf(wanted: ReadonlySet<string>, there: ReadonlySet<string>): number {
  const common = [...wanted].filter((word) => there.has(word)).length;
  return wanted.size ? common / wanted.size : 0;
}

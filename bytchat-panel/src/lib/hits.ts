// What a text shares with a question: its words, whatever their endings, and its codes, however they are typed.
import type { Span } from './codePoints';
import { type Code, codesIn, findCodes } from './codes';
import { stemOf, stemsOf, wordsOf } from './words';

export interface Hit extends Span {
  /** The same for all that says the same. */
  key: string;
  isCode: boolean;
}

/** A word in a text as it stands, its accents within. */
const STANDING_WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}\p{M}]+/gu;
const FIGURE = /^\p{N}+$/u;

/** Where in `text` something stands that carries meaning in `query` too; in order, in UTF-16 units. */
export function hitsIn(text: string, query: string): Hit[] {
  const codes = findCodes(text, codesIn(query)).map((code) => ({ ...code, isCode: true }));
  return [...codes, ...wordsIn(text, query, codes)].sort((one, other) => one.start - other.start);
}

/** Those outside the codes; a figure alone is one of them, or part of another figure. */
function wordsIn(text: string, query: string, codes: readonly Code[]): Hit[] {
  const wanted = stemsOf(wordsOf(query).filter((word) => !FIGURE.test(word)));
  if (wanted.size === 0) return [];
  return [...text.matchAll(STANDING_WORD)].flatMap(({ 0: word, index: start }) => {
    const end = start + word.length;
    const key = wordsOf(word)
      .map(stemOf)
      .find((stem) => wanted.has(stem));
    if (key === undefined || codes.some((code) => start < code.end && end > code.start)) return [];
    return [{ start, end, key, isCode: false }];
  });
}

// Where the sentences of a text lie, also in lists and in lines that were wrapped by hand.
import type { Span } from './codePoints';

/** A line that goes on in the next one, which begins with a small letter. */
const WRAPPED = /[ \t]*\r?\n[ \t]*(?=\p{Ll})/gu;
/** What stands before a name or a number ends no sentence; neither does the number of a list. */
const TITLE =
  /(?:^|[\s(«"'¿¡])(?:srt?a?|d[rñ]a?|d|prof|avda?|pza|ctra|tel|tlfno|núm|ref|págs?|art|ej|m(?:rs?|s)|no|vs)\.$/iu;
const INITIAL = /(?:^|\s)\p{Lu}\.$/u;
const LIST_NUMBER = /^\s*\d{1,3}\.$/;
const LEAD = /^\s*(?:(?:[-*•·–]|\d{1,3}[.)])\s+)?/u;
const WORD = /[\p{L}\p{N}]/u;

// Older browsers have none; the module must load there too.
const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter('es', { granularity: 'sentence' }) : null;

/** In order, in UTF-16 units, without white space around them or a bullet before them. */
export function sentencesOf(text: string): Span[] {
  const flat = text.replace(WRAPPED, (gap) => ' '.repeat(gap.length));
  const starts = startsIn(flat);
  const spans = starts.map((start, i) => trimmed(flat, start, starts[i + 1] ?? flat.length));
  return spans.filter(({ start, end }) => WORD.test(flat.slice(start, end)));
}

function startsIn(flat: string): number[] {
  const starts: number[] = [];
  for (const { index } of piecesOf(flat)) {
    const before = starts.at(-1);
    if (before === undefined || !goesOn(flat.slice(before, index))) starts.push(index);
  }
  return starts;
}

function piecesOf(flat: string): Iterable<{ index: number }> {
  return segmenter ? segmenter.segment(flat) : flat.matchAll(/.*\n|.+$/g);
}

/** Whether the sentence that begins with `piece` has not ended yet. */
function goesOn(piece: string): boolean {
  if (/[\r\n]\s*$/.test(piece)) return false;
  const words = piece.trimEnd();
  return TITLE.test(words) || INITIAL.test(words) || LIST_NUMBER.test(words);
}

function trimmed(flat: string, start: number, end: number): Span {
  const piece = flat.slice(start, end).trimEnd();
  return { start: start + (LEAD.exec(piece)?.[0].length ?? 0), end: start + piece.length };
}

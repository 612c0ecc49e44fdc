// Codes and figures as people type them: with or without separators, so that `sku20301` is `SKU-20.301`.
import type { Span } from './codePoints';
import { isCommon } from './words';

export interface Code extends Span {
  /** The same for all its spellings. */
  key: string;
}

interface Piece extends Span {
  text: string;
}

/** Letters and digits part even where nothing stands between them. */
const PIECE = /[\p{L}\p{M}]+|\p{Nd}+/gu;
/** At most one sign, or a space, within a code or a figure. */
const JOINT = /^[-‐‑–/._,:'’ \u00A0\u202F]?$/u;
const DIGIT = /\p{Nd}/u;
/** «1.249,00» with its thousands and its cents. */
const FIGURE = /^(\p{Nd}{1,3}(?:[.,'’ \u00A0\u202F]\p{Nd}{3})+|\p{Nd}+)(?:[.,](\p{Nd}{1,2}))?$/u;
/** More pieces in a row are no code. */
const MAX_PIECES = 12;

/** What of `query` is a code or a figure: each also with the word before it, which may belong to it. */
export function codesIn(query: string): Set<string> {
  const pieces = piecesOf(query);
  const windows = pieces.flatMap((_, first) => windowsFrom(query, pieces, first));
  return new Set(windows.filter(({ start, end }) => isOne(query.slice(start, end))).map(({ key }) => key));
}

/** Where in `text` one of the codes stands, whatever its spelling; in UTF-16 units, the longest of each place. */
export function findCodes(text: string, codes: ReadonlySet<string>): Code[] {
  if (codes.size === 0) return [];
  const pieces = piecesOf(text);
  const found: Code[] = [];
  for (const [first, { start }] of pieces.entries()) {
    if (start < (found.at(-1)?.end ?? 0)) continue;
    const code = windowsFrom(text, pieces, first).findLast(({ key }) => codes.has(key));
    if (code) found.push(code);
  }
  return found;
}

/** Whether this may be a single code: «ref a17» and «07 3», not «el 25» or «25 de mayo». */
function isOne(window: string): boolean {
  const [first = '', ...others] = window.split(/\s/);
  return others.every((part) => DIGIT.test(part)) && (others.length === 0 || !isCommon(first));
}

function piecesOf(text: string): Piece[] {
  return [...text.matchAll(PIECE)].map(({ 0: word, index }) => ({
    text: word,
    start: index,
    end: index + word.length,
  }));
}

/** What begins with this piece and holds a digit, shortest first; nothing that begins or ends within a word. */
function windowsFrom(text: string, pieces: readonly Piece[], first: number): Code[] {
  const start = pieces[first]?.start ?? 0;
  if (isWithin(text, pieces[first - 1]?.end, start)) return [];
  const windows: Code[] = [];
  for (let last = first; last < Math.min(first + MAX_PIECES, pieces.length); last++) {
    const end = pieces[last]?.end ?? start;
    if (last > first && !JOINT.test(text.slice(pieces[last - 1]?.end, pieces[last]?.start))) break;
    const piece = text.slice(start, end);
    if (!DIGIT.test(piece) || isWithin(text, end, pieces[last + 1]?.start)) continue;
    windows.push({ start, end, key: keyOf(piece) });
  }
  return windows;
}

/** Whether a word or a figure goes on between two pieces: «a|17», «39|,90», «1|.249». */
function isWithin(text: string, end: number | undefined, start: number | undefined): boolean {
  if (end === undefined || start === undefined) return false;
  if (end === start) return true;
  const isFigure = DIGIT.test(text[end - 1] ?? '') && DIGIT.test(text[start] ?? '');
  return isFigure && /^[.,]$/.test(text.slice(end, start));
}

function keyOf(code: string): string {
  const [, whole, cents] = FIGURE.exec(code) ?? [];
  if (whole !== undefined)
    return squeezed(whole) + (cents && /[1-9]/.test(cents) ? `,${cents.padEnd(2, '0')}` : '');
  return squeezed(code);
}

function squeezed(code: string): string {
  return code
    .normalize('NFKD')
    .replace(/[^\p{L}\p{Nd}]/gu, '')
    .toLowerCase();
}

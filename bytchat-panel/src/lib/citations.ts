// Where an answer cites: `[n]`, as the API writes each of its marks.

export type TextPart = { kind: 'text'; text: string } | { kind: 'mark'; n: number };

const MARK = /\[(\d{1,3})\]/g;

/** A text in its parts, the marks of `known` numbers apart; any other number stays text. */
export function splitMarks(text: string, known?: ReadonlySet<number>): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    const n = Number(match[1]);
    if (known && !known.has(n)) continue;
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    parts.push({ kind: 'mark', n });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

/** Reads an answer in order and tells, at each citation, the words that it stands for. */
export class SaidReader {
  private words = '';
  private before = '';

  read(words: string): void {
    this.words += words.replace(/\s*\n\s*/g, ' ');
  }

  /** What was said since the citation before, or what that one stands for where nothing was: `[1][2]`. */
  cite(): string {
    if (/[\p{L}\p{N}]/u.test(this.words)) this.before = this.words;
    this.words = '';
    return this.before;
  }

  /** A paragraph, a list's item or a table's row begins or ends. */
  breakOff(): void {
    this.words = '';
    this.before = '';
  }
}

const CODE = /^ {0,3}```[\s\S]*?(?:^ {0,3}```|$(?![\s\S]))/gm;

/** The numbers that an answer cites outside of its code blocks, in the order of their first mention. */
export function citedNumbers(text: string): number[] {
  const marks = splitMarks(text.replace(CODE, '')).flatMap((part) => (part.kind === 'mark' ? [part.n] : []));
  return [...new Set(marks)];
}

const BLOCK_START = /\n\s*\n|\n(?=\s*(?:[-*+|>#]|\d+[.)]\s))/;

/** The words before the first `[n]` of a Markdown text; marks of emphasis may be among them. */
export function saidBefore(text: string, n: number): string {
  for (const block of text.replace(CODE, '\n\n').split(BLOCK_START)) {
    const said = new SaidReader();
    for (const part of splitMarks(block)) {
      if (part.kind === 'text') {
        said.read(part.text);
        continue;
      }
      const words = said.cite();
      if (part.n === n) return words;
    }
  }
  return '';
}

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

/** What the answer says before its first `[n]`, back to the mark before it. */
export function saidBefore(text: string, n: number): string {
  const parts = splitMarks(text);
  const at = parts.findIndex((part) => part.kind === 'mark' && part.n === n);
  const before = parts[at - 1];
  return before?.kind === 'text' ? before.text : '';
}

const CODE = /^ {0,3}```[\s\S]*?(?:^ {0,3}```|$(?![\s\S]))/gm;

/** The numbers that an answer cites outside of its code blocks, in the order of their first mention. */
export function citedNumbers(text: string): number[] {
  const marks = splitMarks(text.replace(CODE, '')).flatMap((part) => (part.kind === 'mark' ? [part.n] : []));
  return [...new Set(marks)];
}

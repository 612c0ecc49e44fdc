// Which pieces of a block are drawn as the cited passage and which as what was searched for.
import type { Span } from './codePoints';

export interface Segment {
  start: number;
  end: number;
  isPassage: boolean;
  /** Of the passage, the sentence that an answer speaks of. */
  isSentence: boolean;
  /** What was searched for: one of the matches, or the one that the reader is at. */
  match: 'none' | 'one' | 'current';
}

interface Marks {
  passage: Span | null;
  sentence: Span | null;
  matches: readonly Span[];
  current: Span | null;
}

/** `block` cut where a mark begins or ends. All spans are of UTF-16 units. */
export function segmentsOf(block: Span, { passage, sentence, matches, current }: Marks): Segment[] {
  const near = matchesIn(matches, block);
  const cuts = new Set([block.start, block.end]);
  for (const span of [passage, sentence, ...near]) {
    if (!span) continue;
    for (const cut of [span.start, span.end]) if (cut > block.start && cut < block.end) cuts.add(cut);
  }
  const places = [...cuts].sort((one, other) => one - other);
  return places.slice(0, -1).map((start, i) => ({
    start,
    end: places[i + 1] ?? block.end,
    isPassage: passage !== null && holds(passage, start),
    isSentence: sentence !== null && holds(sentence, start),
    match: matchAt(start, near, current),
  }));
}

/** The matches that touch `block`, by halving, since there may be thousands. */
function matchesIn(matches: readonly Span[], block: Span): Span[] {
  let low = 0;
  let high = matches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((matches[middle]?.end ?? 0) <= block.start) low = middle + 1;
    else high = middle;
  }
  const found: Span[] = [];
  for (let i = low; i < matches.length; i++) {
    const match = matches[i];
    if (!match || match.start >= block.end) break;
    found.push(match);
  }
  return found;
}

function matchAt(at: number, matches: readonly Span[], current: Span | null): Segment['match'] {
  if (current && holds(current, at)) return 'current';
  return matches.some((match) => holds(match, at)) ? 'one' : 'none';
}

function holds({ start, end }: Span, at: number): boolean {
  return start <= at && at < end;
}

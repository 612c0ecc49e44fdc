// A text of any size in blocks that a browser can lay out one by one: whole lines together, long lines cut at white space.

export const MAX_BLOCK_CHARACTERS = 1500;
export const MAX_BLOCK_LINES = 25;
/** So many blocks are scrolled through at once: browsers draw nothing below some 17 million pixels. */
export const PART_BLOCKS = 12_000;

/** How far one slice of work goes, in blocks. */
const SLICE_BLOCKS = 500;
const SPACE = /\s/;

/** Where each block of `text` begins; the last number is the text's length. Pauses by yielding, for others to work. */
export function* blockStarts(text: string): Generator<void, number[]> {
  const starts = [0];
  let start = 0;
  while (start < text.length) {
    start = blockEnd(text, start);
    starts.push(start);
    if (starts.length % SLICE_BLOCKS === 0) yield;
  }
  return starts;
}

/** The block in which the unit `at` is. */
export function blockAt(starts: readonly number[], at: number): number {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function countBlocks(starts: readonly number[]): number {
  return starts.length - 1;
}

export function countParts(starts: readonly number[]): number {
  return Math.max(1, Math.ceil(countBlocks(starts) / PART_BLOCKS));
}

/** The end of a block that begins at `start`: after its last newline that fits, or inside a line that is too long. */
function blockEnd(text: string, start: number): number {
  let end = start;
  for (let lines = 0; lines < MAX_BLOCK_LINES && end < text.length; lines++) {
    const next = lineEnd(text, end, start + MAX_BLOCK_CHARACTERS);
    if (next === null) return end > start ? end : cutLine(text, start);
    end = next;
  }
  return end;
}

/** Where the line at `from` ends, its newline with it; null where that is after `limit`. */
function lineEnd(text: string, from: number, limit: number): number | null {
  // The window is cut out first, so that a line of megabytes is not read again for each of its blocks.
  const newline = text.slice(from, limit).indexOf('\n');
  if (newline >= 0) return from + newline + 1;
  return text.length <= limit ? text.length : null;
}

function cutLine(text: string, start: number): number {
  const limit = start + MAX_BLOCK_CHARACTERS;
  for (let end = limit; end > start; end--) {
    if (SPACE.test(text.charAt(end - 1))) return end;
  }
  // No white space: anywhere but inside a surrogate pair.
  const code = text.charCodeAt(limit);
  return code >= 0xdc00 && code <= 0xdfff ? limit - 1 : limit;
}

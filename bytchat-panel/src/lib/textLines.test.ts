import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runAtOnce } from './slices';
import { blockAt, blockStarts, countBlocks, countParts, MAX_BLOCK_CHARACTERS, MAX_BLOCK_LINES } from './textLines';

const texts = fc.string({
  unit: fc.constantFrom('palabra ', 'x', '\n', '\n\n', '😀', 'interminable'.repeat(30)),
  maxLength: 300,
});

function blocks(text: string): string[] {
  const starts = runAtOnce(blockStarts(text));
  return starts.slice(0, -1).map((start, i) => text.slice(start, starts[i + 1]));
}

/** How often `work` pauses. */
function countPauses(work: Generator<void, unknown>): number {
  let pauses = 0;
  while (!work.next().done) pauses++;
  return pauses;
}

test('the blocks together are the text, none empty and none too long', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const found = blocks(text);

      expect(found.join('')).toBe(text);
      for (const block of found) {
        expect(block.length).toBeGreaterThan(0);
        expect(block.length).toBeLessThanOrEqual(MAX_BLOCK_CHARACTERS);
        expect(block.split('\n').length).toBeLessThanOrEqual(MAX_BLOCK_LINES + 1);
      }
    }),
  );
});

test('no block begins in the middle of a surrogate pair', () => {
  const text = `x${'😀'.repeat(4000)}`;

  for (const block of blocks(text)) expect(block).not.toMatch(/\p{Surrogate}/u);
});

test('every place is in the block that holds it', () => {
  fc.assert(
    fc.property(texts, fc.nat(10_000), (text, at) => {
      fc.pre(at < text.length);
      const starts = runAtOnce(blockStarts(text));

      const block = blockAt(starts, at);

      expect(starts[block]).toBeLessThanOrEqual(at);
      expect(starts[block + 1]).toBeGreaterThan(at);
    }),
  );
});

test('a long line is cut after white space', () => {
  const [first] = blocks('palabra '.repeat(1000));

  expect(first?.endsWith(' ')).toBe(true);
  expect(first?.length).toBe(1496);
});

test('an empty text has no block and one part', () => {
  const starts = runAtOnce(blockStarts(''));

  expect(countBlocks(starts)).toBe(0);
  expect(countParts(starts)).toBe(1);
});

test('one line of ten megabytes is cut into as many blocks as it needs', () => {
  const starts = runAtOnce(blockStarts('x'.repeat(10_000_000)));

  expect(countBlocks(starts)).toBe(Math.ceil(10_000_000 / MAX_BLOCK_CHARACTERS));
  expect(countParts(starts)).toBe(1);
});

test('a million lines are laid out in parts, with pauses in between', () => {
  const text = '123456789\n'.repeat(1_000_000);

  const starts = runAtOnce(blockStarts(text));

  expect(countBlocks(starts)).toBe(1_000_000 / MAX_BLOCK_LINES);
  expect(countParts(starts)).toBe(4);
  expect(countPauses(blockStarts(text))).toBe(80);
});

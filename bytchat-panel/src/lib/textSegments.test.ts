import fc from 'fast-check';
import { expect, test } from 'vitest';
import { segmentsOf } from './textSegments';

const span = fc
  .tuple(fc.nat(100), fc.integer({ min: 1, max: 30 }))
  .map(([start, length]) => ({ start, end: start + length }));

test('the segments follow each other from the beginning to the end', () => {
  fc.assert(
    fc.property(span, span, span, (block, passage, match) => {
      const segments = segmentsOf(block, { passage, sentence: null, matches: [match], current: match });

      expect(segments[0]?.start).toBe(block.start);
      expect(segments.at(-1)?.end).toBe(block.end);
      expect(segments.slice(1).map(({ start }) => start)).toEqual(segments.slice(0, -1).map(({ end }) => end));
    }),
  );
});

test('the passage alone is the passage, also where a match lies across its border', () => {
  const passage = { start: 5, end: 10 };
  const match = { start: 8, end: 12 };

  const segments = segmentsOf(
    { start: 0, end: 20 },
    { passage, sentence: { start: 6, end: 8 }, matches: [match], current: null },
  );

  expect(segments).toEqual([
    { start: 0, end: 5, isPassage: false, isSentence: false, match: 'none' },
    { start: 5, end: 6, isPassage: true, isSentence: false, match: 'none' },
    { start: 6, end: 8, isPassage: true, isSentence: true, match: 'none' },
    { start: 8, end: 10, isPassage: true, isSentence: false, match: 'one' },
    { start: 10, end: 12, isPassage: false, isSentence: false, match: 'one' },
    { start: 12, end: 20, isPassage: false, isSentence: false, match: 'none' },
  ]);
});

test('the match where the reader is stands out from the others', () => {
  const matches = [
    { start: 1, end: 2 },
    { start: 4, end: 6 },
  ];

  const segments = segmentsOf(
    { start: 0, end: 8 },
    { passage: null, sentence: null, matches, current: { start: 4, end: 6 } },
  );

  expect(segments.map((segment) => segment.match)).toEqual(['none', 'one', 'none', 'current', 'none']);
});

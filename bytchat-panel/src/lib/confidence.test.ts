import { expect, test } from 'vitest';
import { digitsToTell, shareOf, wouldAnswer } from './confidence';

test('a strict bot answers from its least confidence on, and never without a passage', () => {
  expect(wouldAnswer({ passages: [1], confidence: 0.5 }, 0.5)).toBe(true);
  expect(wouldAnswer({ passages: [1], confidence: 0.49 }, 0.5)).toBe(false);
  expect(wouldAnswer({ passages: [], confidence: 1 }, 0)).toBe(false);
});

test.each([
  [0.72, 0.5, 2],
  [0.497, 0.5, 3],
  [0.49997, 0.5, 5],
  [0.5, 0.5, 2],
  [0.55, 0.550000012, 2],
])('%d and %d are told apart by %d digits', (one, other, digits) => {
  expect(digitsToTell(one, other)).toBe(digits);
});

test('a bar is never longer than its room, and there is none where the best is nothing', () => {
  expect([shareOf(2, 4), shareOf(5, 4), shareOf(-1, 4), shareOf(0, 0)]).toEqual([0.5, 1, 0, 0]);
});

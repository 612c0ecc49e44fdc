import { expect, test } from 'vitest';
import { isAtEnd } from './scroll';

test.each([
  ['at the very end', 600, true],
  ['a fraction of a pixel before it, as on a zoomed page', 599.4, true],
  ['a few lines above', 500, false],
  ['past it, as when a phone bounces', 620, true],
])('%s', (_, scrollTop, expected) => {
  expect(isAtEnd({ scrollTop, clientHeight: 400, scrollHeight: 1000 })).toBe(expected);
});

test('what fits on the screen is at its end', () => {
  expect(isAtEnd({ scrollTop: 0, clientHeight: 400, scrollHeight: 300 })).toBe(true);
});

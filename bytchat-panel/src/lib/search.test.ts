import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold, isMatch } from './search';

test.each([
  ['tornavia', 'Tornavía'],
  ['TORNAVÍA', 'tornavia'],
  ['manana', 'Mañana'],
  ['cliente atención', 'Atención al cliente'],
  ['', 'lo que sea'],
  ['  ', 'lo que sea'],
])('«%s» finds «%s»', (query, text) => {
  expect(isMatch(query, [text])).toBe(true);
});

test('every word must be there, in whichever text', () => {
  expect(isMatch('bici gpt-4o', ['Bicis', 'gpt-4o'])).toBe(true);
  expect(isMatch('bici gemini', ['Bicis', 'gpt-4o'])).toBe(false);
});

test('a query does not match across the border of two texts', () => {
  expect(isMatch('ab', ['a', 'b'])).toBe(false);
});

test('folding twice is folding once', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => fold(fold(text)) === fold(text)));
});

import { expect, test } from 'vitest';
import { charactersLeft, isSending, isTooLong } from './composing';

const enter = { key: 'Enter', shiftKey: false, isComposing: false, keyCode: 13 };

test.each([
  ['Enter sends', enter, true],
  ['Shift and Enter begins a line', { ...enter, shiftKey: true }, false],
  ['Enter chooses a word of an input method', { ...enter, isComposing: true }, false],
  ['Enter that Safari gives after composing chooses a word too', { ...enter, keyCode: 229 }, false],
  ['another key writes', { ...enter, key: 'a' }, false],
])('%s', (_, pressed, sends) => {
  expect(isSending(pressed)).toBe(sends);
});

test('the limit counts characters as people do, without the white space around them', () => {
  expect(charactersLeft('😀'.repeat(16_000))).toBe(0);
  expect(isTooLong('a'.repeat(16_000))).toBe(false);
  expect(isTooLong(`${'a'.repeat(16_000)}\n`)).toBe(false);
  expect(isTooLong('a'.repeat(16_001))).toBe(true);
});

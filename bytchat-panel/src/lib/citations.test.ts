import fc from 'fast-check';
import { expect, test } from 'vitest';
import { citedNumbers, splitMarks } from './citations';

test('marks are told apart from the text around them', () => {
  expect(splitMarks('Sí [1][2].')).toEqual([
    { kind: 'text', text: 'Sí ' },
    { kind: 'mark', n: 1 },
    { kind: 'mark', n: 2 },
    { kind: 'text', text: '.' },
  ]);
});

test('a number that names nothing known stays text', () => {
  expect(splitMarks('a [7] b', new Set([1]))).toEqual([{ kind: 'text', text: 'a [7] b' }]);
});

test('the parts written one after the other are the text', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('[', ']', '1', '23', 'a', ' ')), (pieces) => {
      const text = pieces.join('');
      const parts = splitMarks(text).map((part) => (part.kind === 'text' ? part.text : `[${part.n}]`));
      expect(parts.join('')).toBe(text);
    }),
  );
});

test('cited numbers come in the order of their first mention, and none from a code block', () => {
  expect(citedNumbers('Uno [3] y [1] [3].\n```\nx[2]\n```\nFin [4]\n```\ny[5]')).toEqual([3, 1, 4]);
});

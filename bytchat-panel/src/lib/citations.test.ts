import fc from 'fast-check';
import { expect, test } from 'vitest';
import { citedNumbers, saidBefore, splitMarks } from './citations';

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

test('what is said before a number’s first mark goes back to the mark before it, or to where the block begins', () => {
  const text =
    'Otro párrafo.\n\nUno **dos** [1] y\ntres [2][3].\n- cuatro [4]\n\n| a | b |\n|-|-|\n| cinco | 5 € [5] |\n\n[6] [2]';

  expect([1, 2, 3, 4].map((n) => saidBefore(text, n).trim())).toEqual([
    'Uno **dos**',
    'y tres',
    'y tres',
    '- cuatro',
  ]);
  expect(saidBefore(text, 5)).toContain('cinco | 5 €');
  expect([6, 7].map((n) => saidBefore(text, n))).toEqual(['', '']);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findMatches, MAX_MATCHES, matchFrom } from './findInText';
import { runAtOnce } from './slices';

function found(text: string, query: string): string[] {
  return runAtOnce(findMatches(text, query)).map(({ start, end }) => text.slice(start, end));
}

test('case and missing accents do not matter, an accent that was typed does', () => {
  expect(found('¿Cuánto? cuanto CUÁNTO', 'cuanto')).toEqual(['Cuánto', 'cuanto', 'CUÁNTO']);
  expect(found('¿Cuánto? cuanto', 'cuánto')).toEqual(['Cuánto']);
});

test('words are found across a line break', () => {
  expect(found('el candado\nCancela', 'candado cancela')).toEqual(['candado\nCancela']);
});

test('every sign stands for itself', () => {
  expect(found('REF/A-17 (64,90 €) a.b*c [x] ^$ 😀', 'REF/A-17 (64,90 €) a.b*c [x] ^$ 😀')).toHaveLength(1);
});

test('any query of printable characters finds itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }), (query) => {
      fc.pre(query.trim() !== '' && !/\s/.test(query));

      expect(found(`antes ${query}`, query).length).toBeGreaterThan(0);
    }),
  );
});

test('a match across two windows of the search is found once', () => {
  const text = `${' '.repeat(99_998)}bicicleta${' '.repeat(150_000)}bicicleta`;

  expect(found(text, 'bicicleta')).toEqual(['bicicleta', 'bicicleta']);
});

test('nothing is found without words', () => {
  expect(found('a b', '  ')).toEqual([]);
});

test('the search stops at its limit', () => {
  expect(found('a'.repeat(50_000), 'a')).toHaveLength(MAX_MATCHES);
});

test('the next match is the first at or after a place, then the first of all', () => {
  const matches = [
    { start: 10, end: 12 },
    { start: 20, end: 22 },
  ];

  expect(matchFrom(matches, 11)).toBe(1);
  expect(matchFrom(matches, 30)).toBe(0);
  expect(matchFrom([], 3)).toBe(0);
});

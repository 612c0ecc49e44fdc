import fc from 'fast-check';
import { expect, test } from 'vitest';
import { locate, type Span, toPoints, toUnits } from './codePoints';
import { runAtOnce } from './slices';

const spanToUnits = (text: string, span: Span) => runAtOnce(locate(text, span));

const texts = fc.string({
  unit: fc.constantFrom('a', 'ñ', '€', '😀', '𝔸', '\n', 'e\u0301', '👩‍🚀'),
  maxLength: 60,
});

test('a span of code points cuts what Python would cut', () => {
  fc.assert(
    fc.property(texts, fc.nat(80), fc.nat(80), (text, start, length) => {
      const span = spanToUnits(text, { start, end: start + length });

      const expected = [...text].slice(start, start + length).join('');
      expect(text.slice(span.start, span.end)).toBe(expected);
    }),
  );
});

test('going there and back gives the same place', () => {
  fc.assert(
    fc.property(texts, fc.nat(60), (text, point) => {
      const inside = Math.min(point, [...text].length);

      expect(toPoints(text, toUnits(text, inside))).toBe(inside);
    }),
  );
});

test('a place after the end is the end', () => {
  expect(toUnits('a😀', 99)).toBe(3);
  expect(toPoints('a😀', 99)).toBe(2);
  expect(spanToUnits('a😀', { start: 5, end: 9 })).toEqual({ start: 3, end: 3 });
});

test('half of a pair counts as a character of its own', () => {
  expect(toUnits('\ud83dx', 2)).toBe(2);
});

test('a place millions of characters away is found in slices', () => {
  const text = '😀x'.repeat(1_000_000);

  const span = spanToUnits(text, { start: 1_999_998, end: 2_000_000 });

  expect(text.slice(span.start, span.end)).toBe('😀x');
  expect([...pauses(locate(text, { start: 1_999_998, end: 2_000_000 }))]).toHaveLength(3);
});

function* pauses(work: Generator<void, unknown>): Generator<void> {
  while (!work.next().done) yield;
}

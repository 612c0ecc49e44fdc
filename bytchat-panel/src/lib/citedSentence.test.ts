import fc from 'fast-check';
import { expect, test } from 'vitest';
import { citedSentence } from './citedSentence';

const QUOTE =
  'Any item can be returned within thirty days.\n\nA bicycle can be returned if it has been ridden for less than thirty kilometres. Opened gas cartridges are not taken back.';

const shown = (said: string, quote = QUOTE) => {
  const span = citedSentence(quote, said);
  return span && quote.slice(span.start, span.end);
};

test('a sentence that the answer repeats is the one', () => {
  expect(shown('Opened gas cartridges are not taken back. ')).toBe('Opened gas cartridges are not taken back.');
});

test('of several sentences before a mark the last counts', () => {
  expect(
    shown('Yes, you may. A bicycle can be returned if it has been ridden for less than thirty kilometres. '),
  ).toBe('A bicycle can be returned if it has been ridden for less than thirty kilometres.');
});

test('in other words the sentence that shares most of them is the one', () => {
  expect(shown('It must have been ridden for less than thirty kilometres ')).toBe(
    'A bicycle can be returned if it has been ridden for less than thirty kilometres.',
  );
});

test('accents and case do not matter', () => {
  expect(shown('la DEVOLUCION es gratis', 'Abre a las 9. La devolución es gratis en tienda.')).toBe(
    'La devolución es gratis en tienda.',
  );
});

test('what shares too little is no sentence', () => {
  expect(shown('The weather will be fine tomorrow')).toBeNull();
  expect(shown('   ')).toBeNull();
});

test('whatever is said, the sentence lies within the quote', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (quote, said) => {
      const span = citedSentence(quote, said);
      expect(span === null || (span.start >= 0 && span.start < span.end && span.end <= quote.length)).toBe(true);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { citedSentence } from './citedSentence';
import { sentencesOf } from './sentences';

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

const CATALOGUE = `- La Molinera (BIC-1107) cuesta 729,00 € y pesa 12,4 kilos.
- La Ribera 7 (BIC-1102) cuesta 649,00 € y tiene siete marchas.
- El casco Brisa cuesta 39,90 €.`;

test.each([
  ['la ribera 7 «BIC 1102» cuesta 649,00 € y tiene SIETE MARCHAS', 'La Ribera 7 (BIC-1102) cuesta 649,00 € y'],
  ['El precio de la Molinera es de 729 euros', 'La Molinera (BIC-1107) cuesta 729,00 €'],
  ['39,90 €', 'El casco Brisa cuesta 39,90 €.'],
])('of a list the item that is said is the one, without its bullet: «%s»', (said, beginning) => {
  expect(shown(said, CATALOGUE)?.startsWith(beginning)).toBe(true);
});

test('where the last sentence says nothing of the passage the one before it counts', () => {
  expect(shown('Opened gas cartridges are not taken back. I hope that this helps you!')).toBe(
    'Opened gas cartridges are not taken back.',
  );
});

test('a single word in common is chance', () => {
  expect(shown('A bicycle')).toBeNull();
});

test('a sentence goes on after a title and over the end of a wrapped line', () => {
  const quote = 'Lo lleva el Sr. García,\nque abre a las 9:30. Cierra el Dr. J. Boadal.';

  expect(sentencesOf(quote).map(({ start, end }) => quote.slice(start, end))).toEqual([
    'Lo lleva el Sr. García,\nque abre a las 9:30.',
    'Cierra el Dr. J. Boadal.',
  ]);
});

const pieces = fc.array(
  fc.constantFrom(
    'Uno',
    'dos',
    'tres.',
    '😀',
    'ñandú',
    '-',
    '\n',
    '\n\n',
    '\r\n',
    '¿Y?',
    '3.',
    '猫。',
    '\ud83d',
    ' ',
  ),
  { maxLength: 40 },
);

test('what is found is always one of the passage’s sentences', () => {
  fc.assert(
    fc.property(pieces, pieces, (passage, answer) => {
      const quote = passage.join(' ');

      const sentences = sentencesOf(quote).map(({ start, end }) => quote.slice(start, end));
      expect([null, ...sentences]).toContain(shown(answer.join(' '), quote));
    }),
  );
});

import { expect, test } from 'vitest';
import { excerptStart } from './excerpt';

const FILLER = Array.from({ length: 12 }, (_, i) => `- La bicicleta urbana número ${i} tiene cesta.`).join('\n');
const LINE = '- La plegable Molinera cuesta 729,00 €.';
const QUESTION = '¿Cuánto cuesta la plegable Molinera?';

test('a passage is read from the line that the question is about, with its bullet', () => {
  const text = `${FILLER}\n${LINE}\n${FILLER}`;

  expect(text.slice(excerptStart(text, QUESTION)).startsWith(LINE)).toBe(true);
});

test('it is read from its beginning where that shows it, or where nothing fits', () => {
  expect(excerptStart(`${LINE}\n${FILLER}`, QUESTION)).toBe(0);
  expect(excerptStart(FILLER, '¿Quién ganó la liga de fútbol?')).toBe(0);
  expect(excerptStart(LINE, QUESTION)).toBe(0);
});

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

const FROM = (text: string, query: string) => text.slice(excerptStart(text, query));

test.each(['sku20301', 'SKU 20.301', 'cuánto cuesta el sku-20301'])(
  'a passage is read from the code of «%s», however it is typed',
  (query) => {
    const line = '- El casco Brisa (SKU-20.301) cuesta 39,90 €.';

    expect(FROM(`${FILLER}\n4.3. Cascos\n${line}\n- El culote Legua (SKU-20.430) cuesta 45 €.`, query)).toMatch(
      /^- El casco Brisa/,
    );
  },
);

test('a price is found with a point for its comma', () => {
  expect(FROM(`${FILLER}\n- El casco cuesta 39,90 €.\n${FILLER}`, 'q cuesta 39.90')).toMatch(/^- El casco/);
});

test('of two sentences the one with more of the question is read, also after the other', () => {
  const text = `- La Molinera es roja.\n${FILLER}\n${LINE}`;

  expect(FROM(text, QUESTION)).toMatch(/^- La plegable Molinera/);
});

test('short lines fill the room as well as long ones', () => {
  const lines = Array.from({ length: 7 }, (_, i) => `- Luz ${i}.`).join('\n');

  expect(FROM(`${lines}\n${LINE}`, QUESTION)).toMatch(/^- La plegable Molinera/);
});

test('what lies deep in a long sentence is seen, with some words before it', () => {
  const long = `Para que la compra llegue bien ${'y sin golpes ni arañazos '.repeat(14)}avise al taller de la Molinera hoy.`;
  const start = excerptStart(long, '¿Y la Molinera?');

  expect(long.indexOf('Molinera') - start).toBeLessThan(70);
  expect(long.slice(0, start)).toMatch(/\s$/);
});

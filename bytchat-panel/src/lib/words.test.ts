import { expect, test } from 'vitest';
import { sharedWords } from './words';

const shared = (text: string, query: string) =>
  sharedWords(text, query).map(({ start, end }) => text.slice(start, end));

test('the words that a text shares with a question are found whatever their case, accents and endings', () => {
  expect(shared('Las DEVOLUCIONES son gratuitas; la devolución tarda.', '¿Como es una devolucion?')).toEqual([
    'DEVOLUCIONES',
    'devolución',
  ]);
});

test('the commonest words are not marked', () => {
  expect(shared('El precio de la bici y el de la rueda.', '¿Cuál es el precio de la Molinera?')).toEqual([
    'precio',
  ]);
});

test('a code is found as typed, and accents in two signs too', () => {
  expect(shared('El error ERR-4711 sale al pagar con cafe\u0301.', 'err-4711 café')).toEqual([
    'ERR',
    '4711',
    'cafe\u0301',
  ]);
});

test('a question of common words only marks nothing', () => {
  expect(shared('¿Qué es esto?', '¿Y qué es?')).toEqual([]);
});

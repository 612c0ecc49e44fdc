import { expect, test } from 'vitest';
import { hitsIn } from './hits';

const shared = (text: string, query: string) => hitsIn(text, query).map(({ start, end }) => text.slice(start, end));

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
    'ERR-4711',
    'cafe\u0301',
  ]);
});

test('a question of common words only marks nothing', () => {
  expect(shared('¿Qué es esto?', '¿Y qué es?')).toEqual([]);
});

test.each([
  ['sku20301', 'El casco (SKU-20.301) protege.', 'SKU-20.301'],
  ['SKU 20301', 'El casco (SKU-20.301) protege.', 'SKU-20.301'],
  ['¿y el 20.301?', 'El casco (SKU-20.301) protege.', '20.301'],
  ['tenéis el SKU-20.301', 'El casco sku20301 protege.', 'sku20301'],
  ['refa17', 'Grasa REF/A-17, en tarro.', 'REF/A-17'],
  ['precio ref a17', 'Grasa REF/A-17, en tarro.', 'REF/A-17'],
  ['bol-073', 'Bolsa BOL 07.3 de tela.', 'BOL 07.3'],
  ['error 4711', 'Sale ERR-4711 al pagar.', '4711'],
  ['tr7k2m90qx', 'Clave TR7K-2M90-QX del taller.', 'TR7K-2M90-QX'],
])('the code of «%s» is found in «%s» however it is typed', (query, text, code) => {
  expect(shared(text, query)).toEqual([code]);
});

test.each([
  ['39.90', 'El sillín cuesta 39,90 €.', '39,90'],
  ['39,9€', 'El sillín cuesta 39,90 €.', '39,90'],
  ['1249', 'La Ribera vale 1.249,00 €.', '1.249,00'],
  ['1.249 euros', 'La Ribera vale 1249 €.', '1249'],
  ['£46', 'Gloves, £46.00 a pair.', '46.00'],
])('the price of «%s» is found in «%s»', (query, text, price) => {
  expect(shared(text, query)).toEqual([price]);
});

test.each([
  ['39,90', 'A 39 grados, en 90 días, por 139,90 € o 3.990 €.'],
  ['sku20301', 'El culote SKU-20.430 y el SKU-20.3011.'],
  ['ref a17', 'La REF/A-171 y la bala 17.'],
  ['249', 'La Ribera vale 1.249,00 €.'],
])('«%s» is not found in another code or figure: «%s»', (query, text) => {
  expect(shared(text, query).filter((found) => /\d/.test(found))).toEqual([]);
});

import { expect, test } from 'vitest';
import { formatIn } from './format';

const es = formatIn('es');
const en = formatIn('en');
/** Intl separates with spaces that do not break. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

test.each([
  [0, '0,00 US$'],
  [3_400, '0,0034 US$'],
  [12, '0,000012 US$'],
  [10_000, '0,01 US$'],
  [729_000, '0,73 US$'],
  [12_345_678, '12,35 US$'],
])('%i millionths of a dollar are %s', (microUsd, text) => {
  expect(plain(es.money(microUsd))).toBe(text);
});

test('the language decides how a sum is written', () => {
  expect(en.money(3_400)).toBe('$0.0034');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [52_363, '52 kB'],
  [2_450_000, '2,5 MB'],
  [26_214_400, '26 MB'],
])('%i bytes are %s', (bytes, text) => {
  expect(plain(es.bytes(bytes))).toBe(text);
});

test.each([
  [35.4, '35 ms'],
  [1_234, '1,2 s'],
  [59_970, '1 min'],
  [90_000, '1 min 30 s'],
  [5_400_000, '1 h 30 min'],
])('%i milliseconds are %s', (ms, text) => {
  expect(plain(es.duration(ms))).toBe(text);
});

test('times are told from now', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');

  expect(es.relative('2026-03-10T11:59:40Z', now)).toBe('ahora');
  expect(es.relative('2026-03-10T11:55:00Z', now)).toBe('hace 5 minutos');
  expect(es.relative('2026-03-09T10:00:00Z', now)).toBe('ayer');
  expect(en.relative('2026-01-10T10:00:00Z', now)).toBe('last month');
});

test('what is not known is a dash', () => {
  expect([es.money(null), es.number(undefined), es.date(null), es.relative(null), es.duration(Number.NaN)]).toEqual(
    Array(5).fill('—'),
  );
});

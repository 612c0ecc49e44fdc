import { expect, test } from 'vitest';
import { priceOf, tokensText, usdText } from './prices';

const plain = (text: string | null) => text?.replace(/\s/gu, ' ');

test('a price that is not known is not a zero', () => {
  expect(usdText(null, 'es')).toBeNull();
  expect(priceOf({ input_usd_per_mtok: 2, output_usd_per_mtok: null }, 'es')).toEqual({ kind: 'unknown' });
  expect(priceOf(undefined, 'es')).toEqual({ kind: 'unknown' });
});

test('what costs nothing is free', () => {
  expect(priceOf({ input_usd_per_mtok: 0, output_usd_per_mtok: 0 }, 'es')).toEqual({ kind: 'free' });
});

test('a price is written as the language writes dollars, with all its digits', () => {
  expect(plain(usdText(0.75, 'es'))).toBe('0,75 US$');
  expect(plain(usdText(10, 'en'))).toBe('$10.00');
  expect(plain(usdText(0.0375, 'en'))).toBe('$0.0375');
});

test('a context is a short count', () => {
  expect(plain(tokensText(1_048_576, 'es'))).toBe('1 M');
  expect(tokensText(128_000, 'en')).toBe('128K');
  expect(tokensText(null, 'es')).toBeNull();
});

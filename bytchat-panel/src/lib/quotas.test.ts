import { expect, test } from 'vitest';
import { aQuota } from '@/tests/factories';
import { formatIn } from './format';
import { fullness, fullQuota, knownQuotas, quotaWords } from './quotas';

test('a limit is near from four fifths on, and full at its end', () => {
  expect(fullness({ used: 79, limit: 100 })).toBe('roomy');
  expect(fullness({ used: 80, limit: 100 })).toBe('near');
  expect(fullness({ used: 99, limit: 100 })).toBe('near');
  expect(fullness({ used: 100, limit: 100 })).toBe('full');
  expect(fullness({ used: 130, limit: 100 })).toBe('full');
});

test('without a limit nothing is ever full', () => {
  expect(fullness({ used: 1e12, limit: null })).toBe('roomy');
});

test('quotas come in our order, and those without words are left out', () => {
  const given = [aQuota({ quota: 'stored_bytes' }), aQuota({ quota: 'moonbeams' }), aQuota({ quota: 'bots' })];

  expect(knownQuotas(given).map(({ quota }) => quota)).toEqual(['bots', 'stored_bytes']);
});

test('only the quotas that are asked about can be the full one', () => {
  const given = [aQuota({ quota: 'bots', used: 5, limit: 5 }), aQuota({ quota: 'documents', used: 1, limit: 5 })];

  expect(fullQuota(given, ['bots'])?.quota).toBe('bots');
  expect(fullQuota(given, ['documents', 'stored_bytes'])).toBeUndefined();
  expect(fullQuota(undefined, ['bots'])).toBeUndefined();
});

const MB = 1024 ** 2;
const inSpanish = (...said: [Parameters<typeof quotaWords>[1], number]) =>
  quotaWords(formatIn('es'), ...said).replace(/[\u00a0\u202f]/g, ' ');

test.each([
  [0, '0 MB'],
  [1, '0,1 MB'],
  [944_395, '0,9 MB'],
  [MB - 1, '0,9 MB'],
  [MB, '1 MB'],
  [19.96 * MB, '19,9 MB'],
  [1024 * MB - 1, '1023,9 MB'],
  [1024 * MB, '1024 MB'],
])('%i bytes of stored text are %s', (bytes, text) => {
  expect(inSpanish('stored_bytes', bytes)).toBe(text);
});

test.each([
  [0, '0,00 US$'],
  [0.29, '0,29 US$'],
  [1.999, '1,99 US$'],
  [2, '2,00 US$'],
  [0.0999, '0,099 US$'],
  [0.0049, '0,0049 US$'],
])('%d dollars of today are %s', (usd, text) => {
  expect(inSpanish('server_keys_usd_per_day', usd)).toBe(text);
});

test('the language decides how a size is written', () => {
  expect(quotaWords(formatIn('en'), 'stored_bytes', 944_395)).toBe('0.9 MB');
});

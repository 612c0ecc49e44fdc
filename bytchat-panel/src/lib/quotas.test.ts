import { expect, test } from 'vitest';
import { aQuota } from '@/tests/factories';
import { fullness, fullQuota, knownQuotas } from './quotas';

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

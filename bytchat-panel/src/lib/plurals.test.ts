import i18next from 'i18next';
import { expect, test } from 'vitest';
import { withMany } from './plurals';

test('whole millions are counted like other plurals', () => {
  expect(withMany({ list: { n_one: 'uno', n_other: 'varios' }, title: 'Título' })).toEqual({
    list: { n_one: 'uno', n_other: 'varios', n_many: 'varios' },
    title: 'Título',
  });
});

test('the panel has words for a million', () => {
  expect(i18next.t('training:list.characters', { count: 10_000_000, formatted: '10.000.000' })).toContain(
    'caracteres',
  );
});

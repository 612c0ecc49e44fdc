import { expect, test } from 'vitest';
import { found, type Listed, pressed, sorted } from './catalog';

const model = (model_id: string, given: Partial<Listed> = {}): Listed => ({
  model_id,
  provider: 'openai',
  context_tokens: null,
  max_output_tokens: null,
  input_usd_per_mtok: null,
  output_usd_per_mtok: null,
  reasons: false,
  sees_images: false,
  ...given,
});
const ids = (models: Listed[]) => models.map(({ model_id }) => model_id);

test('numbers in ids are in the order of numbers', () => {
  const models = ['gpt-10', 'gpt-9'].map((id) => model(id));

  expect(ids(sorted(models, { column: 'model', direction: 'ascending' }))).toEqual(['gpt-9', 'gpt-10']);
});

test.each(['ascending', 'descending'] as const)('an unknown price comes last when %s', (direction) => {
  const models = [
    model('unknown'),
    model('dear', { input_usd_per_mtok: 2 }),
    model('free', { input_usd_per_mtok: 0 }),
  ];

  const order = ids(sorted(models, { column: 'input', direction }));

  expect(order).toEqual(direction === 'ascending' ? ['free', 'dear', 'unknown'] : ['dear', 'free', 'unknown']);
});

test('a search looks in ids and provider names, inside the chosen provider', () => {
  const models = [model('gpt-4o'), model('gemini-pro', { provider: 'google' })];

  expect(ids(found(models, 'Google PRO', 'all'))).toEqual(['gemini-pro']);
  expect(ids(found(models, '', 'openai'))).toEqual(['gpt-4o']);
  expect(found(models, 'pro', 'openai')).toEqual([]);
});

test('a heading that is pressed again turns its order around', () => {
  const once = pressed({ column: 'model', direction: 'ascending' }, 'input');

  expect(once).toEqual({ column: 'input', direction: 'ascending' });
  expect(pressed(once, 'input').direction).toBe('descending');
});

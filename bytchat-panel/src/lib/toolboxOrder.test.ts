import { expect, test } from 'vitest';
import type { ModelConfig } from '@/api/types';
import { hasReserve, withAdded, withChanged, withFirst } from './toolboxOrder';

/** A config by task type and model, `complex/o3`, which is its id too. */
function config(name: string): ModelConfig {
  const [task_type = '', model_id = ''] = name.split('/');
  const provider = model_id === 'extractive' ? 'local' : 'openai';
  return { id: name, task_type, provider, model_id, description: '', created_at: '2026-03-01T10:00:00Z' };
}

const toolbox = (names: string) => names.split(' ').map(config);
const names = (configs: ModelConfig[]) =>
  configs.map(({ task_type, model_id }) => `${task_type}/${model_id}`).join(' ');

test.each([
  ['general/a complex/b', 'general/c', 'general/a complex/b general/c'],
  ['general/a general/extractive complex/b', 'general/c', 'general/a general/c general/extractive complex/b'],
  ['general/extractive', 'complex/c', 'general/extractive complex/c'],
  ['general/a complex/extractive', 'general/extractive', 'general/a complex/extractive general/extractive'],
])('to %j %j is added as %j', (before, added, after) => {
  expect(names(withAdded(toolbox(before), config(added)))).toBe(after);
});

test('a model is put before the others of its task type, which keep their order', () => {
  const before = toolbox('creative/x general/a code/y general/b general/c');

  const after = withFirst(before, 'general/c');

  expect(names(after)).toBe('creative/x general/c general/a code/y general/b');
  expect(withFirst(after, 'general/c')).toEqual(after);
});

test('a model of another task type goes before its extractive one; otherwise it stays', () => {
  const before = toolbox('general/extractive general/a complex/b');

  expect(names(withChanged(before, 'complex/b', { task_type: 'general' }))).toBe(
    'general/b general/extractive general/a',
  );
  expect(names(withChanged(before, 'general/a', { model_id: 'z', task_type: 'general' }))).toBe(
    'general/extractive general/z complex/b',
  );
});

test('the extractive model is the reserve of its own task type, and of itself never', () => {
  const there = toolbox('general/a general/extractive');

  expect(hasReserve(config('general/c'), there)).toBe(true);
  expect(hasReserve(config('complex/c'), there)).toBe(false);
  expect(hasReserve(config('general/extractive'), there)).toBe(false);
});

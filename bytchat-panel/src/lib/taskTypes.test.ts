import fc from 'fast-check';
import { expect, test } from 'vitest';
import { descriptionOf, groupByTaskType, isTaskType, slugOf } from './taskTypes';

const config = (task_type: string, description = '') => ({ task_type, description });

test.each([
  ['Atención cliente', 'atencion-cliente'],
  ['  ¡Código! ', 'codigo'],
  ['2 Traducción_ES', 'traduccion_es'],
  ['Niños / niñas', 'ninos-ninas'],
  ['123', ''],
  ['一二', ''],
])('%j is the task type %j', (words, slug) => {
  expect(slugOf(words)).toBe(slug);
});

test('a slug is a task type or empty', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (words) => {
      const slug = slugOf(words);
      expect(slug === '' || isTaskType(slug)).toBe(true);
      expect(slugOf(slug)).toBe(slug);
    }),
  );
});

test('general comes first, then complex, then the others by name', () => {
  const groups = groupByTaskType(
    ['soporte', 'complex', 'codigo', 'general', 'soporte'].map((name) => config(name)),
  );

  expect(groups.map(({ taskType, configs }) => [taskType, configs.length])).toEqual([
    ['general', 1],
    ['complex', 1],
    ['codigo', 1],
    ['soporte', 2],
  ]);
});

test('the first config of a task type that says what it is for speaks for it', () => {
  const said = [config('soporte'), config('soporte', 'uno'), config('soporte', 'dos')];

  expect(descriptionOf('soporte', said)).toBe('uno');
  expect(descriptionOf('otro', [])).toBe('');
});

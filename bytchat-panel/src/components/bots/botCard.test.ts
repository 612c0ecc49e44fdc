import { expect, test } from 'vitest';
import { aBot, aConfig } from '@/tests/factories';
import { initialOf, matchingBots, modelNames } from './botCard';

test('a model that serves two task types is named once', () => {
  const bot = aBot({ configs: [aConfig(), aConfig({ task_type: 'complex' }), aConfig({ model_id: 'gpt-4o' })] });

  expect(modelNames(bot)).toEqual(['extractive', 'gpt-4o']);
});

test('a bot is found by its name, its description and its models', () => {
  const shop = aBot({ name: 'Tornavía', description: 'Atención al cliente' });
  const lab = aBot({ name: 'Laboratorio', configs: [aConfig({ model_id: 'gpt-4o' })] });

  expect(matchingBots([shop, lab], 'tornavia')).toEqual([shop]);
  expect(matchingBots([shop, lab], 'CLIENTE')).toEqual([shop]);
  expect(matchingBots([shop, lab], 'gpt')).toEqual([lab]);
  expect(matchingBots([shop, lab], 'nada')).toEqual([]);
});

test.each([
  ['tornavía', 'T'],
  [' ñu', 'Ñ'],
  ['🚲 bicis', '🚲'],
])('the picture of «%s» is %s', (name, letter) => {
  expect(initialOf(name)).toBe(letter);
});

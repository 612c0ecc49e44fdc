import { expect, test } from 'vitest';
import { aConfig, aProvider } from '@/tests/factories';
import { lastOf, standingOf } from './toolbox';

const openai = { provider: 'openai', model_id: 'gpt-4o' } as const;
const qwen = { provider: 'local', model_id: 'qwen3:8b' } as const;

test('a model of a provider without a key cannot answer', () => {
  expect(standingOf(openai, [aProvider({ configured: false })])).toBe('noKey');
  expect(standingOf(openai, [aProvider({ configured: true, source: 'own' })])).toBe('ready');
});

test('of local, extractive always answers and the others need a server', () => {
  const local = aProvider({ provider: 'local', configured: true, needs_key: false });

  expect(standingOf({ provider: 'local', model_id: 'extractive' }, undefined)).toBe('ready');
  expect(standingOf(qwen, [local])).toBe('noServer');
  expect(standingOf(qwen, [{ ...local, source: 'server' }])).toBe('ready');
});

test('nothing is said of a model while the providers are not there', () => {
  expect(standingOf(openai, undefined)).toBe('unknown');
});

test('removing asks where nothing is left, of the bot or of the task type', () => {
  const [general, second, complex] = [aConfig(), aConfig({ model_id: 'otro' }), aConfig({ task_type: 'complex' })];

  expect(lastOf(general, [general])).toBe('bot');
  expect(lastOf(complex, [general, complex])).toBe('taskType');
  expect(lastOf(second, [general, second])).toBe('nothing');
});

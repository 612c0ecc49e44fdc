import { expect, test } from 'vitest';
import { reconnectAfterMs, stageOf } from './training';

test('a document can be asked about before its vectors are there', () => {
  expect(stageOf({ status: 'queued', searchable: false })).toBe('queued');
  expect(stageOf({ status: 'processing', searchable: false })).toBe('reading');
  expect(stageOf({ status: 'processing', searchable: true })).toBe('vectors');
  expect(stageOf({ status: 'queued', searchable: true })).toBe('vectors');
  expect(stageOf({ status: 'ready', searchable: true })).toBe('ready');
  expect(stageOf({ status: 'failed', searchable: true })).toBe('failed');
});

test('a broken stream is asked for less and less often, but never given up', () => {
  expect([0, 1, 2, 10].map(reconnectAfterMs)).toEqual([500, 1000, 2000, 15_000]);
});

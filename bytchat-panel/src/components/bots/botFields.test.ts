import { expect, test } from 'vitest';
import { botSchema, changedWords, MAX_NAME, NO_WORDS } from './botFields';

const faultsOf = (given: object) =>
  botSchema.safeParse({ ...NO_WORDS, name: 'Bot', ...given }).error?.issues.map(({ message }) => message) ?? [];

test.each([
  [{ name: '   ' }, ['nameMissing']],
  [{ name: 'a'.repeat(MAX_NAME + 1) }, ['nameTooLong']],
  [{ name: '🚲'.repeat(MAX_NAME) }, []],
  [{ description: 'a'.repeat(2_001) }, ['descriptionTooLong']],
  [{ system_prompt: 'a'.repeat(20_001) }, ['promptTooLong']],
  [{ system_prompt: 'a'.repeat(20_000) }, []],
])('the API would take it or not, and so do we (case %#)', (given, faults) => {
  expect(faultsOf(given)).toEqual(faults);
});

test('only the words that changed are sent', () => {
  const before = { name: 'Bot', description: 'uno', system_prompt: 'dos' };

  expect(changedWords(before, { ...before, system_prompt: '' })).toEqual({ system_prompt: '' });
  expect(changedWords(before, before)).toEqual({});
});

import { expect, test } from 'vitest';
import { botSchema, changedFields, fieldsOf, MAX_NAME, NEW_BOT } from './botFields';

const faultsOf = (given: object) =>
  botSchema.safeParse({ ...NEW_BOT, name: 'Bot', ...given }).error?.issues.map(({ message }) => message) ?? [];

test.each([
  [{ name: '   ' }, ['nameMissing']],
  [{ name: 'a'.repeat(MAX_NAME + 1) }, ['nameTooLong']],
  [{ name: '🚲'.repeat(MAX_NAME) }, []],
  [{ description: 'a'.repeat(2_001) }, ['descriptionTooLong']],
  [{ system_prompt: 'a'.repeat(20_001) }, ['promptTooLong']],
  [{ system_prompt: 'a'.repeat(20_000) }, []],
  [{ min_score: Number.NaN }, ['scoreInvalid']],
  [{ min_score: 1.01 }, ['scoreInvalid']],
  [{ min_score: -0.01 }, ['scoreInvalid']],
  [{ min_score: 0 }, []],
  [{ min_score: 0.33 }, []],
  [{ refusal: '🚲'.repeat(500) }, []],
  [{ refusal: 'a'.repeat(501) }, ['refusalTooLong']],
])('the API would take it or not, and so do we (case %#)', (given, faults) => {
  expect(faultsOf(given)).toEqual(faults);
});

test('only the fields that changed are sent', () => {
  const before = { ...NEW_BOT, name: 'Bot', description: 'uno', system_prompt: 'dos' };

  expect(changedFields(before, { ...before, system_prompt: '' })).toEqual({ system_prompt: '' });
  expect(changedFields(before, before)).toEqual({});
});

test('a score that the API keeps with half the digits is the one that was given', () => {
  expect(fieldsOf({ ...NEW_BOT, min_score: 0.550000011920929 }).min_score).toBe(0.55);
});

import { expect, test } from 'vitest';
import type { ProviderModel } from '@/api/types';
import { idOf, movedBy, suggestionsFor } from './suggestions';
import { placeBy } from './useListboxPlace';

const flash: ProviderModel = {
  model_id: 'gemini-flash-latest',
  context_tokens: 1_048_576,
  max_output_tokens: 65_536,
  input_usd_per_mtok: 0.75,
  output_usd_per_mtok: 3.75,
  reasons: true,
  sees_images: true,
};
const models = [{ ...flash, model_id: 'gemini-pro-latest' }, flash];

test('all words that are typed are in what is suggested, whatever their case', () => {
  expect(suggestionsFor('FLASH gem', models).map(idOf)).toEqual(['gemini-flash-latest', 'FLASH gem']);
});

test('an id of the list is not offered a second time as a free one', () => {
  expect(suggestionsFor(' gemini-pro-latest ', models).map(({ kind }) => kind)).toEqual(['listed']);
});

test('nothing typed offers the whole list and nothing free', () => {
  expect(suggestionsFor('', models)).toHaveLength(2);
});

test('the arrows go around the ends and begin at the nearest one', () => {
  expect([movedBy(1, -1, 3), movedBy(1, 2, 3), movedBy(-1, -1, 3), movedBy(-1, 0, 3)]).toEqual([0, 0, 2, 2]);
  expect(movedBy(1, -1, 0)).toBe(-1);
});

test('the list goes above its box where there is no room below', () => {
  const box = { left: 10, width: 300 };

  expect(placeBy({ ...box, top: 100, bottom: 140 }, 800)).toMatchObject({ top: 144, maxHeight: 320 });
  expect(placeBy({ ...box, top: 700, bottom: 740 }, 800)).toMatchObject({ bottom: 104, maxHeight: 320 });
});

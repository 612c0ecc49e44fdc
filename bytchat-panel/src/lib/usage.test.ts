import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayLabel, everyDay, greetingAt, lastDays, modelShares, savingsOf, type UsageModel } from './usage';

const figures = {
  answers: 1,
  input_tokens: 10,
  output_tokens: 5,
  answers_estimated: 0,
  cost_micro_usd: 100,
  answers_cost_unknown: 0,
  dearest_micro_usd: 150,
  saved_micro_usd: 50,
};

const aModel = (model_id: string, answers: number): UsageModel => ({
  ...figures,
  provider: 'openai',
  model_id,
  answers,
});

test('a week is today in UTC and the six days before', () => {
  expect(lastDays(7, new Date('2026-03-01T23:59:00Z'))).toEqual({ from: '2026-02-23', to: '2026-03-01' });
});

test('days without answers are filled with zeros, those with answers kept', () => {
  const days = everyDay({ from: '2026-02-27', to: '2026-03-02', days: [{ ...figures, day: '2026-03-01' }] });

  expect(days.map(({ day, answers }) => [day, answers])).toEqual([
    ['2026-02-27', 0],
    ['2026-02-28', 0],
    ['2026-03-01', 1],
    ['2026-03-02', 0],
  ]);
});

test('a period has as many days as were asked for, none twice', () => {
  const dates = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });

  fc.assert(
    fc.property(dates, fc.integer({ min: 1, max: 400 }), (now, days) => {
      const all = everyDay({ ...lastDays(days, now), days: [] }).map(({ day }) => day);
      return all.length === days && new Set(all).size === days;
    }),
  );
});

test('models are sorted by answers, and the rest is one', () => {
  const shares = modelShares([aModel('a', 1), aModel('b', 6), aModel('c', 2), aModel('d', 1)], 2);

  expect(shares.map(({ model, share }) => [model?.model_id ?? null, share])).toEqual([
    ['b', 0.6],
    ['c', 0.2],
    [null, 0.2],
  ]);
  expect(shares[2]).toMatchObject({ answers: 2, tokens: 30, cost_micro_usd: 200 });
});

test('shares add up to one, or are none', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1 }), (answers) => {
      const shares = modelShares(answers.map((count, index) => aModel(String(index), count)));
      const sum = shares.reduce((total, { share }) => total + share, 0);
      expect(sum).toBeCloseTo(answers.some(Boolean) ? 1 : 0);
    }),
  );
});

test('what was saved is a part of what the dearest would have cost', () => {
  expect(savingsOf({ ...figures, cost_micro_usd: 25, saved_micro_usd: 75 })).toEqual({
    cost: 25,
    dearest: 100,
    saved: 75,
    ratio: 0.75,
  });
});

test('without costs nothing is divided by zero', () => {
  expect(savingsOf({ ...figures, cost_micro_usd: 0, saved_micro_usd: 0 })).toMatchObject({ dearest: 0, ratio: 0 });
});

test('a day is named as it is in UTC', () => {
  expect(dayLabel('es', '2026-03-01')).toBe('1 mar');
  expect(dayLabel('en', '2026-03-01')).toBe('Mar 1');
});

test.each([
  [0, 'evening'],
  [5, 'evening'],
  [6, 'morning'],
  [12, 'morning'],
  [13, 'afternoon'],
  [20, 'afternoon'],
  [21, 'evening'],
])('at %i it is %s', (hour, greeting) => {
  expect(greetingAt(hour)).toBe(greeting);
});

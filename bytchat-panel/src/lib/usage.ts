// What the overview draws, out of the API's figures: periods, days without answers, shares and savings.
import type { Usage, UsageFigures } from '@/api/types';

export const PERIODS = [7, 30, 90] as const;
export type PeriodDays = (typeof PERIODS)[number];

export type UsageDay = Usage['days'][number];
export type UsageModel = Usage['models'][number];

const DAY_MS = 86_400_000;
const NOTHING: UsageFigures = {
  answers: 0,
  input_tokens: 0,
  output_tokens: 0,
  answers_estimated: 0,
  cost_micro_usd: 0,
  answers_cost_unknown: 0,
  dearest_micro_usd: 0,
  saved_micro_usd: 0,
};

/** The last `days` days in UTC, today included, as the API wants them. */
export function lastDays(days: number, now: Date): { from: string; to: string } {
  return { from: dayOf(now.getTime() - (days - 1) * DAY_MS), to: dayOf(now.getTime()) };
}

/** Each day from `from` to `to`: those without answers with zeros. */
export function everyDay({ from, to, days }: Pick<Usage, 'from' | 'to' | 'days'>): UsageDay[] {
  const known = new Map(days.map((day) => [day.day, day]));
  const all: UsageDay[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    const day = dayOf(at);
    all.push(known.get(day) ?? { ...NOTHING, day });
  }
  return all;
}

export interface ModelShare extends Pick<UsageFigures, 'answers' | 'cost_micro_usd' | 'answers_cost_unknown'> {
  /** null for all the others together. */
  model: { provider: string; model_id: string } | null;
  tokens: number;
  /** Of all answers, from 0 to 1. */
  share: number;
}

/** The `most` models that answered most, then the rest as one. */
export function modelShares(models: readonly UsageModel[], most = 5): ModelShare[] {
  const answers = models.reduce((sum, model) => sum + model.answers, 0);
  const shareOf = (name: ModelShare['model'], parts: readonly UsageModel[]): ModelShare => {
    const total = sumOf(parts);
    const tokens = total.input_tokens + total.output_tokens;
    const { cost_micro_usd, answers_cost_unknown } = total;
    const share = answers ? total.answers / answers : 0;
    return { model: name, answers: total.answers, tokens, cost_micro_usd, answers_cost_unknown, share };
  };
  const sorted = models.toSorted((a, b) => b.answers - a.answers || a.model_id.localeCompare(b.model_id));
  const shown = sorted.slice(0, most).map((model) => shareOf(model, [model]));
  const rest = sorted.slice(most);
  return rest.length ? [...shown, shareOf(null, rest)] : shown;
}

export interface Savings {
  cost: number;
  /** What the same answers would have cost, each by the dearest model of its bot. */
  dearest: number;
  saved: number;
  /** `saved` of `dearest`, from 0 to 1. */
  ratio: number;
}

/** What routing saved. An answer that cannot be compared counts the same on both sides, so that nothing is boasted of. */
export function savingsOf({ cost_micro_usd: cost, saved_micro_usd }: UsageFigures): Savings {
  const saved = Math.max(0, saved_micro_usd);
  const dearest = cost + saved;
  return { cost, dearest, saved, ratio: dearest ? saved / dearest : 0 };
}

/** The day that cost most, where any cost anything. */
export function dearestDay(days: readonly UsageDay[]): UsageDay | undefined {
  return days.toSorted((a, b) => b.cost_micro_usd - a.cost_micro_usd).find((day) => day.cost_micro_usd > 0);
}

/** «1 mar»: a day of UTC, wherever one is. */
export function dayLabel(language: string, day: string): string {
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    new Date(day),
  );
}

/** Which greeting suits the hour. */
export function greetingAt(hour: number): 'morning' | 'afternoon' | 'evening' {
  if (hour >= 6 && hour < 13) return 'morning';
  return hour >= 13 && hour < 21 ? 'afternoon' : 'evening';
}

function sumOf(parts: readonly UsageFigures[]): UsageFigures {
  const sum = { ...NOTHING };
  for (const part of parts) {
    for (const name of Object.keys(NOTHING) as (keyof UsageFigures)[]) sum[name] += part[name];
  }
  return sum;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

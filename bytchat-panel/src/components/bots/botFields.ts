// What a bot's fields may be, as the API counts: by characters, not by UTF-16 halves.
import { zodResolver } from '@hookform/resolvers/zod';
import * as z from '@/lib/zod';
import type { BotFields } from '@/queries/bots';

export const MAX_NAME = 100;
export const MAX_DESCRIPTION = 2_000;
export const MAX_PROMPT = 20_000;

export const MAX_REFUSAL = 500;
export const SCORE_STEP = 0.05;

export const NEW_BOT: BotFields = {
  name: '',
  description: '',
  system_prompt: '',
  grounding: 'open',
  min_score: 0.5,
  refusal: '',
};

const FAULTS = [
  'nameMissing',
  'nameTooLong',
  'descriptionTooLong',
  'promptTooLong',
  'scoreInvalid',
  'refusalTooLong',
] as const;
const FIELDS = Object.keys(NEW_BOT) as (keyof BotFields)[];
export type Fault = (typeof FAULTS)[number];

/** Characters as people count them, near enough, and as the API does. */
export function charactersIn(text: string): number {
  return [...text].length;
}

const upTo = (most: number) => (text: string) => charactersIn(text) <= most;
const says = (fault: Fault) => ({ error: fault });

export const botSchema = z.object({
  name: z
    .string()
    .check(z.trim(), z.minLength(1, says('nameMissing')), z.refine(upTo(MAX_NAME), says('nameTooLong'))),
  description: z.string().check(z.refine(upTo(MAX_DESCRIPTION), says('descriptionTooLong'))),
  system_prompt: z.string().check(z.refine(upTo(MAX_PROMPT), says('promptTooLong'))),
  grounding: z.enum(['strict', 'open']),
  min_score: z
    .number(says('scoreInvalid'))
    .check(z.minimum(0, says('scoreInvalid')), z.maximum(1, says('scoreInvalid'))),
  refusal: z.string().check(z.refine(upTo(MAX_REFUSAL), says('refusalTooLong'))),
});

export const botResolver = zodResolver(botSchema);

/** The fault behind a form's message, where it is one of ours. */
export function faultOf(message: string | undefined): Fault | undefined {
  return FAULTS.find((fault) => fault === message);
}

/** Only what changed, so that another tab's change of the rest stays. */
export function changedFields(before: BotFields, after: BotFields): Partial<BotFields> {
  return Object.fromEntries(
    FIELDS.filter((name) => !Object.is(before[name], after[name])).map((name) => [name, after[name]]),
  );
}

export function fieldsOf(bot: BotFields): BotFields {
  const { name, description, system_prompt, grounding, min_score, refusal } = bot;
  return { name, description, system_prompt, grounding, min_score: hundredths(min_score), refusal };
}

/** The API keeps half the digits of a number, and gives 0.55 as 0.550000012. */
function hundredths(score: number): number {
  return Math.round(score * 100) / 100;
}

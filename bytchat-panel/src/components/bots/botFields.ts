// What a bot's words may be, as the API counts: by characters, not by UTF-16 halves.
import { zodResolver } from '@hookform/resolvers/zod';
import * as z from '@/lib/zod';
import type { BotWords } from '@/queries/bots';

export const MAX_NAME = 100;
export const MAX_DESCRIPTION = 2_000;
export const MAX_PROMPT = 20_000;

export const NO_WORDS: BotWords = { name: '', description: '', system_prompt: '' };

const FAULTS = ['nameMissing', 'nameTooLong', 'descriptionTooLong', 'promptTooLong'] as const;
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
});

export const botResolver = zodResolver(botSchema);

/** The fault behind a form's message, where it is one of ours. */
export function faultOf(message: string | undefined): Fault | undefined {
  return FAULTS.find((fault) => fault === message);
}

/** Only what changed, so that another tab's change of the rest stays. */
export function changedWords(before: BotWords, after: BotWords): Partial<BotWords> {
  const names = Object.keys(NO_WORDS) as (keyof BotWords)[];
  return Object.fromEntries(
    names.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]]),
  );
}

export function wordsOf({ name, description, system_prompt }: BotWords): BotWords {
  return { name, description, system_prompt };
}

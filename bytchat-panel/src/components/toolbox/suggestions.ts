// What the model box offers for what is typed in it. Pure.
import type { ProviderModel } from '@/api/types';

export type Suggestion = { kind: 'listed'; model: ProviderModel } | { kind: 'free'; modelId: string };

/** The listed models with every typed word in their id, and what was typed itself where no model is called so. */
export function suggestionsFor(typed: string, models: readonly ProviderModel[]): Suggestion[] {
  const text = typed.trim();
  const words = text.toLowerCase().split(/\s+/);
  const fitting = models.filter(({ model_id }) => words.every((word) => model_id.toLowerCase().includes(word)));
  const listed = fitting.map((model): Suggestion => ({ kind: 'listed', model }));
  const isListed = text === '' || models.some(({ model_id }) => model_id === text);
  return isListed ? listed : [...listed, { kind: 'free', modelId: text }];
}

export function idOf(suggestion: Suggestion): string {
  return suggestion.kind === 'listed' ? suggestion.model.model_id : suggestion.modelId;
}

/** The option that a key leads to, around the ends; -1 is none, the text itself. */
export function movedBy(step: 1 | -1, active: number, count: number): number {
  if (count === 0) return -1;
  if (active === -1) return step === 1 ? 0 : count - 1;
  return (active + step + count) % count;
}

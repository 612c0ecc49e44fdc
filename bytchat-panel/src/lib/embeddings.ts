// The models that a bot's passages can be found with: what each is called, and what it takes.
import type { EmbeddingModel, Provider } from '@/api/types';

export const EMBEDDING_MODELS = ['local', 'openai', 'google'] as const satisfies readonly EmbeddingModel[];

/** Each by the name that its maker gave it. */
export const MODEL_IDS: Record<EmbeddingModel, string> = {
  local: 'multilingual-e5-small',
  openai: 'text-embedding-3-small',
  google: 'gemini-embedding-001',
};

/** US dollars a million tokens, by the makers' price lists of November 2026. */
export const USD_PER_MTOK: Record<EmbeddingModel, number> = { local: 0, openai: 0.02, google: 0.15 };

const CHARACTERS_PER_TOKEN = 4;

/** What so many characters cost about, in millionths of a dollar. */
export function embeddingCost(model: EmbeddingModel, characters: number): number {
  return Math.ceil((characters / CHARACTERS_PER_TOKEN) * USD_PER_MTOK[model]);
}

export type KeyState = 'not_needed' | 'own' | 'server' | 'missing' | 'unknown';

/** Whether there is a key for a model, and whose; unknown while the providers are. */
export function keyStateOf(model: EmbeddingModel, providers: readonly Provider[] | undefined): KeyState {
  if (model === 'local') return 'not_needed';
  const provider = providers?.find((one) => one.provider === model);
  if (!provider) return 'unknown';
  if (!provider.configured) return 'missing';
  if (provider.source === null) return 'not_needed';
  return provider.source === 'own' ? 'own' : 'server';
}

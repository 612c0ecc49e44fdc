// What can be said of a model of the toolbox from what the providers tell. Pure.
import type { ModelConfig, Provider, ProviderModel, ProviderName } from '@/api/types';
import { isExtractive } from '@/lib/toolboxOrder';

/** Whether it can answer now; `unknown` while the providers are not there. */
export type Standing = 'ready' | 'noKey' | 'noServer' | 'unknown';

type Chosen = Pick<ModelConfig, 'provider' | 'model_id'>;

export function standingOf(chosen: Chosen, providers: readonly Provider[] | undefined): Standing {
  const provider = findProvider(chosen.provider, providers);
  if (isExtractive(chosen)) return 'ready';
  if (!provider) return 'unknown';
  if (chosen.provider === 'local') return provider.source === null ? 'noServer' : 'ready';
  return provider.configured ? 'ready' : 'noKey';
}

export function findProvider(name: ProviderName, providers: readonly Provider[] | undefined): Provider | undefined {
  return providers?.find(({ provider }) => provider === name);
}

/** The catalog's entry; none for a model that it does not list. */
export function findModel(chosen: Chosen, providers: readonly Provider[] | undefined): ProviderModel | undefined {
  return findProvider(chosen.provider, providers)?.models.find(({ model_id }) => model_id === chosen.model_id);
}

/** What is lost with a config beyond itself: asked before it is removed. */
export type LastOf = 'bot' | 'taskType' | 'nothing';

export function lastOf(config: ModelConfig, configs: readonly ModelConfig[]): LastOf {
  if (configs.length === 1) return 'bot';
  const isAlone = configs.every((other) => other.id === config.id || other.task_type !== config.task_type);
  return isAlone ? 'taskType' : 'nothing';
}

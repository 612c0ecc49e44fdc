// The order in which a bot's models are asked, as the server keeps it: what is written shows in its place at once. Pure.
import type { ModelConfig } from '@/api/types';

export const EXTRACTIVE = 'extractive';

type Chosen = Pick<ModelConfig, 'provider' | 'model_id'>;
type Asked = Chosen & Pick<ModelConfig, 'task_type'>;

export function isExtractive({ provider, model_id }: Chosen): boolean {
  return provider === 'local' && model_id === EXTRACTIVE;
}

/** Whether there is an extractive model for a new one to go before: that one never fails, so it is the reserve. */
export function hasReserve(added: Asked, configs: readonly Asked[]): boolean {
  return (
    !isExtractive(added) && configs.some((other) => other.task_type === added.task_type && isExtractive(other))
  );
}

/** Behind the others, but before an extractive model of its task type. */
export function withAdded(configs: readonly ModelConfig[], added: ModelConfig): ModelConfig[] {
  return putBefore([...configs, added], added, isExtractive);
}

/** In its place, but in another task type before an extractive model. */
export function withChanged(
  configs: readonly ModelConfig[],
  id: string,
  change: Partial<ModelConfig>,
): ModelConfig[] {
  const before = configs.find((config) => config.id === id);
  if (!before) return [...configs];
  const changed = { ...before, ...change, id };
  const all = configs.map((config) => (config === before ? changed : config));
  return changed.task_type === before.task_type ? all : putBefore(all, changed, isExtractive);
}

/** Before the others of its task type, which keep their order. */
export function withFirst(configs: readonly ModelConfig[], id: string): ModelConfig[] {
  const config = configs.find((one) => one.id === id);
  return config ? putBefore([...configs], config, () => true) : [...configs];
}

function putBefore(
  configs: ModelConfig[],
  config: ModelConfig,
  isTarget: (other: ModelConfig) => boolean,
): ModelConfig[] {
  const from = configs.indexOf(config);
  const at = configs.findIndex((other) => other.task_type === config.task_type && isTarget(other));
  return at === -1 || at >= from ? configs : configs.toSpliced(from, 1).toSpliced(at, 0, config);
}

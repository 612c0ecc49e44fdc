// A bot's models. Every write shows at once in the bot and in the list of bots, and is taken back where it fails.
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Bot, ModelConfig, ModelConfigChange, NewModelConfig } from '@/api/types';
import { isOwnType } from '@/lib/taskTypes';
import { keys } from './keys';

const PENDING = 'pending-';
let lastPending = 0;

/** Whether the server has not answered for it yet: nothing can be done with it. */
export function isPending(config: ModelConfig): boolean {
  return config.id.startsWith(PENDING);
}

interface Addition {
  body: NewModelConfig;
  /** A config that has been there longer and shall answer after the new one. */
  reserve: ModelConfig | null;
}

export function useAddConfig(botId: string) {
  const client = useQueryClient();
  return useMutation({
    ...inTurn(botId),
    mutationFn: async ({ body, reserve }: Addition) => {
      await shareDescription(client, botId, body);
      if (!reserve) return [await addConfig(botId, body)];
      // Age is the order: the new model takes the older config, and the reserve is added anew.
      return [await changeConfig(botId, reserve.id, body), await addConfig(botId, bodyIn(reserve))];
    },
    onMutate: ({ body, reserve }) => showAtOnce(client, botId, putBefore(reserve?.id, pendingConfig(body))),
    onSuccess: (added, { reserve }) =>
      patch(client, botId, (configs) => [
        ...configs.filter((config) => !isPending(config) && config.id !== reserve?.id),
        ...added,
      ]),
    ...takenBack(client, botId),
  });
}

/** Has a model answer before the first of its task type: the two change places. */
export function useMakeFirst(botId: string) {
  const client = useQueryClient();
  return useMutation({
    ...inTurn(botId),
    mutationFn: ({ config, first }: { config: ModelConfig; first: ModelConfig }) =>
      changePlaces(botId, config, first),
    onMutate: ({ config, first }) => showAtOnce(client, botId, (configs) => swapped(configs, config, first)),
    ...takenBack(client, botId),
  });
}

export function useChangeConfig(botId: string) {
  const client = useQueryClient();
  return useMutation({
    ...inTurn(botId),
    mutationFn: async ({ config, change }: { config: ModelConfig; change: NewModelConfig }) => {
      await shareDescription(client, botId, change, config.id);
      return changeConfig(botId, config.id, change);
    },
    onMutate: ({ config, change }) => showAtOnce(client, botId, replaced(config.id, change)),
    onSuccess: (changed) => patch(client, botId, replaced(changed.id, changed)),
    ...takenBack(client, botId),
  });
}

export function useRemoveConfig(botId: string) {
  const client = useQueryClient();
  return useMutation({
    ...inTurn(botId),
    mutationFn: (config: ModelConfig) => removeConfig(botId, config.id),
    onMutate: ({ id }) => showAtOnce(client, botId, (configs) => configs.filter((config) => config.id !== id)),
    ...takenBack(client, botId),
  });
}

/** Writes to one toolbox follow one another, so that what is taken back is never another's write. */
function inTurn(botId: string) {
  return { scope: { id: `toolbox-${botId}` } };
}

/** A task type has one description: its other models get the new one, since the router reads only the last. */
async function shareDescription(client: QueryClient, botId: string, body: NewModelConfig, exceptId?: string) {
  if (!isOwnType(body.task_type)) return;
  const configs = client.getQueryData<Bot>(keys.bot(botId))?.configs ?? [];
  const others = configs.filter(
    (config) =>
      config.task_type === body.task_type &&
      config.description !== body.description &&
      config.id !== exceptId &&
      !isPending(config),
  );
  const shared = await Promise.all(
    others.map((config) => changeConfig(botId, config.id, { description: body.description })),
  );
  for (const config of shared) patch(client, botId, replaced(config.id, config));
}

async function changePlaces(botId: string, config: ModelConfig, first: ModelConfig): Promise<void> {
  // A toolbox holds no model twice for a task type: one of the two has to leave for a moment.
  await removeConfig(botId, config.id);
  try {
    await changeConfig(botId, first.id, bodyIn(config));
  } catch (error) {
    await addConfig(botId, bodyIn(config));
    throw error;
  }
  await addConfig(botId, bodyIn(first));
}

function addConfig(botId: string, body: NewModelConfig): Promise<ModelConfig> {
  return unwrap(api.POST('/bots/{bot_id}/models/', { params: { path: { bot_id: botId } }, body }));
}

function removeConfig(botId: string, configId: string) {
  const params = { path: pathOf(botId, configId) };
  return unwrap(api.DELETE('/bots/{bot_id}/models/{config_id}', { params }));
}

function changeConfig(botId: string, configId: string, body: ModelConfigChange): Promise<ModelConfig> {
  const params = { path: pathOf(botId, configId) };
  return unwrap(api.PUT('/bots/{bot_id}/models/{config_id}', { params, body }));
}

function pathOf(botId: string, configId: string) {
  return { bot_id: botId, config_id: configId };
}

type Patch = (configs: ModelConfig[]) => ModelConfig[];

function replaced(id: string, change: Partial<ModelConfig>): Patch {
  return (configs) => configs.map((config) => (config.id === id ? { ...config, ...change, id } : config));
}

function putBefore(id: string | undefined, added: ModelConfig): Patch {
  return (configs) => {
    const at = configs.findIndex((config) => config.id === id);
    return configs.toSpliced(at === -1 ? configs.length : at, 0, added);
  };
}

/** Both are pending: which ids they will have only the server knows. */
function swapped(configs: ModelConfig[], one: ModelConfig, other: ModelConfig): ModelConfig[] {
  const places = new Map([
    [one.id, pendingConfig(bodyIn(other))],
    [other.id, pendingConfig(bodyIn(one))],
  ]);
  return configs.map((config) => places.get(config.id) ?? config);
}

function bodyIn({ task_type, provider, model_id, description }: ModelConfig): NewModelConfig {
  return { task_type, provider, model_id, description };
}

function pendingConfig(body: NewModelConfig): ModelConfig {
  return { ...body, id: `${PENDING}${++lastPending}`, created_at: new Date().toISOString() };
}

function patch(client: QueryClient, botId: string, change: Patch): void {
  const patched = (bot: Bot): Bot => ({ ...bot, configs: change(bot.configs) });
  client.setQueryData<Bot>(keys.bot(botId), (bot) => bot && patched(bot));
  client.setQueryData<Bot[]>(keys.bots, (bots) => bots?.map((bot) => (bot.id === botId ? patched(bot) : bot)));
}

async function showAtOnce(client: QueryClient, botId: string, change: Patch) {
  await client.cancelQueries({ queryKey: keys.bot(botId), exact: true });
  await client.cancelQueries({ queryKey: keys.bots, exact: true });
  const before = client.getQueryData<Bot>(keys.bot(botId))?.configs;
  patch(client, botId, change);
  return { before };
}

function takenBack(client: QueryClient, botId: string) {
  return {
    onError: (_error: Error, _write: unknown, shown: { before: ModelConfig[] | undefined } | undefined) => {
      const before = shown?.before;
      if (before) patch(client, botId, () => before);
    },
    // Not awaited: a write is done when the server has answered it.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.bot(botId), exact: true });
      void client.invalidateQueries({ queryKey: keys.bots, exact: true });
    },
  };
}

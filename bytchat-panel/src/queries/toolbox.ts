// A bot's models. Every write shows at once in the bot and in the list of bots, and is taken back where it fails.
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Bot, ModelConfig, ModelConfigChange, NewModelConfig } from '@/api/types';
import { isOwnType } from '@/lib/taskTypes';
import { withAdded, withChanged, withFirst } from '@/lib/toolboxOrder';
import { keys } from './keys';

const PENDING = 'pending-';
let lastPending = 0;

/** Whether the server has not answered for it yet: nothing can be done with it. */
export function isPending(config: ModelConfig): boolean {
  return config.id.startsWith(PENDING);
}

export function useAddConfig(botId: string) {
  const client = useQueryClient();
  return useMutation({
    ...inTurn(botId),
    mutationFn: async (body: NewModelConfig) => {
      await shareDescription(client, botId, body);
      return addConfig(botId, body);
    },
    onMutate: async (body) => {
      const pending = pendingConfig(body);
      return { ...(await showAtOnce(client, botId, (configs) => withAdded(configs, pending))), pending };
    },
    onSuccess: (added, _body, { pending }) =>
      patch(client, botId, (configs) => configs.map((config) => (config.id === pending.id ? added : config))),
    ...takenBack(client, botId),
  });
}

/** Has a model answer before the others of its task type. */
export function useMakeFirst(botId: string) {
  const client = useQueryClient();
  return useMutation({
    ...inTurn(botId),
    mutationFn: ({ id }: ModelConfig) => changeConfig(botId, id, { first: true }),
    onMutate: ({ id }) => showAtOnce(client, botId, (configs) => withFirst(configs, id)),
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
    onMutate: ({ config, change }) => showAtOnce(client, botId, changed(config.id, change)),
    onSuccess: (config) => patch(client, botId, changed(config.id, config)),
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

/** A task type has one description: its other models get the new one, since the router reads only one. */
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
  for (const config of shared) patch(client, botId, changed(config.id, config));
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

function changed(id: string, change: Partial<ModelConfig>): Patch {
  return (configs) => withChanged(configs, id, change);
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

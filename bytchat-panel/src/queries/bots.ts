// An owner's bots.
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, nextCursor, unwrap, unwrapWithResponse } from '@/api/client';
import type { Bot, EmbeddingModel } from '@/api/types';
import { keys } from './keys';

const PAGE = 100;
/** How often a bot is asked for while its vectors are made anew. */
const CHANGE_POLL_MS = 3_000;

export function useBots() {
  return useQuery({ queryKey: keys.bots, queryFn: ({ signal }) => listBots(signal) });
}

export function useBot(botId: string) {
  return useQuery({
    queryKey: keys.bot(botId),
    queryFn: ({ signal }) => unwrap(api.GET('/bots/{bot_id}', { params: { path: { bot_id: botId } }, signal })),
    refetchInterval: ({ state }) => (isReembedding(state.data) ? CHANGE_POLL_MS : false),
  });
}

/** Whether its vectors are being made by another model right now. */
export function isReembedding(bot: Pick<Bot, 'embedding_change'> | undefined): boolean {
  return bot?.embedding_change?.error === null;
}

/** What is written of a bot in its form. */
export type BotFields = Pick<Bot, 'name' | 'description' | 'system_prompt' | 'grounding' | 'min_score' | 'refusal'>;

export function useCreateBot() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (fields: BotFields) =>
      unwrap(api.POST('/bots/', { body: { ...fields, embedding_model: 'local' } })),
    onSuccess: async (bot) => {
      await client.cancelQueries({ queryKey: keys.bots, exact: true });
      client.setQueryData<Bot>(keys.bot(bot.id), bot);
      client.setQueryData<Bot[]>(keys.bots, (bots) => bots && [bot, ...bots]);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.quotas });
      return client.invalidateQueries({ queryKey: keys.bots, exact: true });
    },
  });
}

/** Only the fields that it is given change; they show at once and come back where the API refuses them. */
export function useChangeBot(botId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<BotFields>) =>
      unwrap(api.PUT('/bots/{bot_id}', { params: { path: { bot_id: botId } }, body })),
    onMutate: async (change) => {
      const before = await holdBots(client, botId);
      rewrite(client, botId, (bot) => ({ ...bot, ...change }));
      return before;
    },
    onError: (_error, _change, before) => before?.(),
    onSuccess: (bot) => rewrite(client, botId, () => bot),
    onSettled: () => client.invalidateQueries({ queryKey: keys.bots, exact: true }),
  });
}

/**
 * Has the bot's vectors made by another model; the one in force gives up a change that is under way. Nothing shows
 * before the API has said so: which model is in force then, only it knows.
 */
export function useChangeEmbeddingModel(botId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (embedding_model: EmbeddingModel) =>
      unwrap(api.PUT('/bots/{bot_id}', { params: { path: { bot_id: botId } }, body: { embedding_model } })),
    onMutate: () => client.cancelQueries({ queryKey: keys.bot(botId), exact: true }),
    onSuccess: (bot) => rewrite(client, botId, () => bot),
    onSettled: () => client.invalidateQueries({ queryKey: keys.bot(botId), exact: true }),
  });
}

/** The bot leaves the list at once. `leave` goes where it is not needed, before what is known of it is forgotten. */
export function useRemoveBot(botId: string, leave: () => void | Promise<void>) {
  const client = useQueryClient();
  return useMutation({
    mutationKey: removalKey(botId),
    mutationFn: () => unwrap(api.DELETE('/bots/{bot_id}', { params: { path: { bot_id: botId } } })),
    onMutate: async () => {
      const before = await holdBots(client, botId);
      client.setQueryData<Bot[]>(keys.bots, (bots) => bots?.filter(({ id }) => id !== botId));
      return before;
    },
    onError: (_error, _nothing, before) => before?.(),
    onSuccess: async () => {
      await leave();
      client.removeQueries({ queryKey: keys.bot(botId) });
      void client.invalidateQueries({ queryKey: ['usage'] });
      void client.invalidateQueries({ queryKey: keys.quotas });
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.bots, exact: true }),
  });
}

/** Says, at the moment when it is called, whether the bot is being deleted. */
export function useIsRemovingBot(botId: string): () => boolean {
  const client = useQueryClient();
  return () => client.isMutating({ mutationKey: removalKey(botId) }) > 0;
}

const removalKey = (botId: string) => [...keys.bot(botId), 'remove'];

/** Nothing that was asked before may overwrite what is written now; gives the way back. */
async function holdBots(client: QueryClient, botId: string): Promise<() => void> {
  await client.cancelQueries({ queryKey: keys.bots, exact: true });
  await client.cancelQueries({ queryKey: keys.bot(botId), exact: true });
  const bots = client.getQueryData<Bot[]>(keys.bots);
  const bot = client.getQueryData<Bot>(keys.bot(botId));
  return () => {
    client.setQueryData(keys.bots, bots);
    client.setQueryData(keys.bot(botId), bot);
  };
}

function rewrite(client: QueryClient, botId: string, change: (bot: Bot) => Bot): void {
  client.setQueryData<Bot>(keys.bot(botId), (bot) => bot && change(bot));
  client.setQueryData<Bot[]>(keys.bots, (bots) => bots?.map((bot) => (bot.id === botId ? change(bot) : bot)));
}

/** All of them, page by page, the newest first. */
async function listBots(signal: AbortSignal): Promise<Bot[]> {
  const bots: Bot[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor ? { cursor } : {}) };
    const page = await unwrapWithResponse(api.GET('/bots/', { params: { query }, signal }));
    bots.push(...page.data);
    cursor = nextCursor(page.response);
  } while (cursor);
  return bots;
}

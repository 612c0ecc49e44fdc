// An owner's bots.
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, nextCursor, unwrap, unwrapWithResponse } from '@/api/client';
import type { Bot } from '@/api/types';
import { keys } from './keys';

const PAGE = 100;

export function useBots() {
  return useQuery({ queryKey: keys.bots, queryFn: ({ signal }) => listBots(signal) });
}

export function useBot(botId: string) {
  return useQuery({
    queryKey: keys.bot(botId),
    queryFn: ({ signal }) => unwrap(api.GET('/bots/{bot_id}', { params: { path: { bot_id: botId } }, signal })),
  });
}

/** What somebody must say to have a bot; the API fills the rest. */
export interface BotWords {
  name: string;
  description: string;
  system_prompt: string;
}

export function useCreateBot() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BotWords) => unwrap(api.POST('/bots/', { body })),
    onSuccess: async (bot) => {
      await client.cancelQueries({ queryKey: keys.bots, exact: true });
      client.setQueryData<Bot>(keys.bot(bot.id), bot);
      client.setQueryData<Bot[]>(keys.bots, (bots) => bots && [bot, ...bots]);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.bots, exact: true }),
  });
}

/** Only the fields that it is given change; they show at once and come back where the API refuses them. */
export function useChangeBot(botId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<BotWords>) =>
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

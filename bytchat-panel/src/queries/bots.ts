// An owner's bots.
import { useQuery } from '@tanstack/react-query';
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

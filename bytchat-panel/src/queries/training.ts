// Keeps a bot's documents live while any is in training: one stream for all who look, opened again when it breaks.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { isAbort } from '@/api/client';
import type { TrainingEvent } from '@/api/events';
import { Problem } from '@/api/problem';
import { followTraining } from '@/api/stream';
import { isUnfinished, reconnectAfterMs } from '@/lib/training';
import { listed, putDocument, useDocuments } from './documents';
import { keys } from './keys';

interface Following {
  watchers: number;
  abort: AbortController;
}

/** By client, since tests have many. */
const followings = new WeakMap<QueryClient, Map<string, Following>>();

/** The documents, and their progress as it happens. */
export function useLiveDocuments(botId: string) {
  const client = useQueryClient();
  const query = useDocuments(botId);
  const isTraining = query.data?.some(isUnfinished) ?? false;
  useEffect(() => {
    if (isTraining) return watch(client, botId);
  }, [client, botId, isTraining]);
  return query;
}

/** Follow the bot until the last who called this calls what it gives. */
function watch(client: QueryClient, botId: string): () => void {
  const bots = followings.get(client) ?? new Map<string, Following>();
  followings.set(client, bots);
  const following = bots.get(botId) ?? begin(client, botId);
  bots.set(botId, following);
  following.watchers++;
  return () => {
    if (--following.watchers > 0) return;
    following.abort.abort();
    bots.delete(botId);
  };
}

function begin(client: QueryClient, botId: string): Following {
  const abort = new AbortController();
  void follow(client, botId, abort.signal);
  return { watchers: 0, abort };
}

/** Goes on until `signal` says that nothing is in training any more, or nobody looks. */
async function follow(client: QueryClient, botId: string, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      for await (const event of followTraining(botId, signal)) {
        failures = 0;
        apply(client, botId, event);
      }
    } catch (error) {
      if (isAbort(error) || isFinal(error)) return;
    }
    // What happened while no stream was open is asked for.
    await client.invalidateQueries({ queryKey: keys.documents(botId), exact: true });
    await pause(reconnectAfterMs(failures), signal);
  }
}

function apply(client: QueryClient, botId: string, event: TrainingEvent): void {
  if (event.kind === 'finished') return;
  const isListed = listed(client, botId)?.some(({ id }) => id === event.document.id);
  if (isListed) putDocument(client, botId, event.document);
  // Another tab's upload, or one that was deleted a moment ago: the list knows which.
  else void client.invalidateQueries({ queryKey: keys.documents(botId), exact: true });
}

/** The server said no, and would say it again. */
function isFinal(error: unknown): boolean {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

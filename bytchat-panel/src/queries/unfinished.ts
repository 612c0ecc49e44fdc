// Documents of all bots that are still in training, and those whose training failed.
import { useQuery } from '@tanstack/react-query';
import { api, nextCursor, unwrapWithResponse } from '@/api/client';
import type { components } from '@/api/schema';

export type OwnedDocument = components['schemas']['BotDocumentView'];

export interface Unfinished {
  training: OwnedDocument[];
  failed: OwnedDocument[];
  /** There is more in training than is listed. */
  hasMore: boolean;
}

const LISTED = 100;
const ASK_AGAIN_MS = 3_000;

/** Asked again every three seconds while something trains. */
export function useUnfinished() {
  return useQuery({
    queryKey: ['documents', 'unfinished'],
    queryFn: ({ signal }) => listUnfinished(signal),
    refetchInterval: ({ state }) => (state.data?.training.length ? ASK_AGAIN_MS : false),
    // Uploads happen on other pages.
    staleTime: 0,
  });
}

async function listUnfinished(signal: AbortSignal): Promise<Unfinished> {
  const list = (status: OwnedDocument['status'][]) =>
    unwrapWithResponse(api.GET('/documents/', { params: { query: { status, limit: LISTED } }, signal }));
  const [training, failed] = await Promise.all([list(['queued', 'processing']), list(['failed'])]);
  return { training: training.data, failed: failed.data, hasMore: nextCursor(training.response) !== null };
}

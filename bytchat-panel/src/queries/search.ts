// A question put to a bot's documents, without asking any model: what its search finds.
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { SearchTrial } from '@/lib/trySearch';
import { keys } from './keys';

/** Nothing is asked while the question is empty. */
export function useSearch(botId: string, { query, limit }: SearchTrial) {
  return useQuery({
    queryKey: keys.search(botId, query, limit),
    queryFn: ({ signal }) =>
      unwrap(
        api.POST('/bots/{bot_id}/search', {
          params: { path: { bot_id: botId } },
          body: { query, limit },
          signal,
        }),
      ),
    enabled: query !== '',
    // Documents come and go; looking again must not cost a call by itself, though.
    staleTime: 0,
    refetchOnWindowFocus: false,
    // More or fewer passages of the same question do not empty the page.
    placeholderData: (found, before) => (before?.queryKey[3] === query ? found : undefined),
  });
}

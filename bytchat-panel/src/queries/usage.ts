// What the answers used and cost, over a period.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { lastDays } from '@/lib/usage';
import { keys } from './keys';

/** The last `days` days. While another period loads the one before stays. */
export function useUsage(days: number) {
  const { from, to } = lastDays(days, new Date());
  return useQuery({
    queryKey: keys.usage(from, to),
    queryFn: ({ signal }) => unwrap(api.GET('/usage/', { params: { query: { from, to } }, signal })),
    placeholderData: keepPreviousData,
    // Every chat changes it, and nothing tells us of chats elsewhere.
    staleTime: 0,
  });
}

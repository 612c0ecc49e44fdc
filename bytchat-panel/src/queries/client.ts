// What is known of the server's lists, and when to ask again.
import { QueryClient } from '@tanstack/react-query';
import { Problem } from '@/api/problem';

/** Twice more where nothing answered or the server was busy; never where it said no. */
export function mayRetry(failures: number, error: unknown): boolean {
  const isPassing = error instanceof Problem && (error.status === 0 || error.status >= 500);
  return isPassing && failures < 2;
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: mayRetry, staleTime: 30_000 }, mutations: { retry: false } },
  });
}

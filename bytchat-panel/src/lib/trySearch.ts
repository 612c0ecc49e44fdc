// The way to the page where a bot's search is tried, with a question that is asked there at once.

/** What that page is given. It stays out of the address, which servers write down. */
export interface SearchTrial {
  query: string;
  limit: number;
}

export const LIMITS = [5, 10, 25, 50] as const;
export const DEFAULT_LIMIT = 10;

/** For a link: `<Link {...trySearch(botId, question)}>`. */
export function trySearch(botId: string, query = ''): { to: string; state: SearchTrial } {
  return { to: `/bots/${botId}/documents/search`, state: { query, limit: DEFAULT_LIMIT } };
}

/** Out of whatever a history entry holds. */
export function trialOf(state: unknown): SearchTrial {
  const { query, limit } = (typeof state === 'object' && state !== null ? state : {}) as Partial<SearchTrial>;
  return {
    query: typeof query === 'string' ? query : '',
    limit: LIMITS.find((one) => one === limit) ?? DEFAULT_LIMIT,
  };
}

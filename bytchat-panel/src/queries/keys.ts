// The names under which answers are kept: one list, so that a write knows what it makes stale.
export const keys = {
  registration: ['registration'] as const,
  sessions: ['sessions'] as const,
  quotas: ['quotas'] as const,
  bots: ['bots'] as const,
  bot: (botId: string) => ['bots', botId] as const,
  documents: (botId: string) => ['bots', botId, 'documents'] as const,
  documentText: (botId: string, documentId: string) => ['bots', botId, 'documents', documentId, 'text'] as const,
  search: (botId: string, query: string, limit: number) => ['bots', botId, 'search', query, limit] as const,
  conversations: (botId: string) => ['bots', botId, 'conversations'] as const,
  conversation: (conversationId: string) => ['conversations', conversationId] as const,
  providers: ['providers'] as const,
  usage: (from: string, to: string, botId?: string) => ['usage', from, to, botId ?? null] as const,
};

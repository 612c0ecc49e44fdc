// A bot's conversations: their list, their messages, and asking.
import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, nextCursor, unwrap, unwrapWithResponse } from '@/api/client';
import type { Conversation, ConversationSummary } from '@/api/types';
import { mayBeAnswered } from '@/lib/turns';
import { type AskListener, type Question, useChat } from '@/store/chat';
import { keys } from './keys';

interface ConversationPage {
  conversations: ConversationSummary[];
  next: string | null;
}

const PAGE = 30;
/** How often a conversation is read again for an answer that the API is still writing down, and for how long. */
const AWAIT_MS = 500;
const AWAIT_AT_MOST_MS = 8_000;
/** The same where another tab may be the one that asked. */
const ELSEWHERE_MS = 2_500;

/** The one last spoken in first, page by page. */
export function useConversations(botId: string) {
  return useInfiniteQuery({
    queryKey: keys.conversations(botId),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => listConversations(botId, pageParam, signal),
    getNextPageParam: (page) => page.next,
  });
}

async function listConversations(
  botId: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<ConversationPage> {
  const path = { bot_id: botId };
  const query = { limit: PAGE, ...(cursor ? { cursor } : {}) };
  const page = await unwrapWithResponse(
    api.GET('/bots/{bot_id}/conversations/', { params: { path, query }, signal }),
  );
  return { conversations: page.data, next: nextCursor(page.response) };
}

/** One with its messages; read again for a while until it holds what was said in the live turn `awaitedId`. */
export function useConversation(conversationId: string | undefined, awaitedId: string | undefined) {
  return useQuery({
    queryKey: keys.conversation(conversationId ?? ''),
    queryFn: ({ signal }) => getConversation(conversationId ?? '', signal),
    enabled: conversationId !== undefined,
    refetchInterval: ({ state }) => waitFor(awaitedId, state.data),
  });
}

function waitFor(awaitedId: string | undefined, conversation: Conversation | undefined): number | false {
  if (isAwaiting(awaitedId, conversation)) return AWAIT_MS;
  const last = conversation?.messages.at(-1);
  return last?.role === 'user' && mayBeAnswered(last.created_at, Date.now()) ? ELSEWHERE_MS : false;
}

function isAwaiting(awaitedId: string | undefined, conversation: Conversation | undefined): boolean {
  const turn = awaitedId === undefined ? undefined : useChat.getState().turns[awaitedId];
  if (turn?.phase !== 'ended' || Date.now() - turn.endedAt > AWAIT_AT_MOST_MS) return false;
  return !conversation?.messages.some((message) => message.id === turn.started.message_id);
}

function getConversation(conversationId: string, signal: AbortSignal): Promise<Conversation> {
  const path = { conversation_id: conversationId };
  return unwrap(api.GET('/conversations/{conversation_id}', { params: { path }, signal }));
}

export function useDeleteConversation(botId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (conversationId: string) =>
      unwrap(
        api.DELETE('/conversations/{conversation_id}', { params: { path: { conversation_id: conversationId } } }),
      ),
    onSuccess: (_, conversationId) => {
      useChat.getState().stop(conversationId);
      client.setQueryData(keys.conversations(botId), without(conversationId));
      return client.invalidateQueries({ queryKey: keys.conversations(botId) });
    },
  });
}

function without(conversationId: string) {
  return (list: InfiniteData<ConversationPage> | undefined) =>
    list && {
      ...list,
      pages: list.pages.map((page) => ({
        ...page,
        conversations: page.conversations.filter(({ id }) => id !== conversationId),
      })),
    };
}

export interface Asking {
  ask: (question: Question) => void;
  resend: (id: string) => void;
  stop: () => void;
  dismiss: (id: string) => void;
}

/** Asking in one place. `onPlaced` is told the conversation that a draft has become. */
export function useAsking(botId: string, place: string, onPlaced: (conversationId: string) => void): Asking {
  const client = useQueryClient();
  return useMemo(() => {
    const listener = listenerFor(client, botId, place, onPlaced);
    const chat = useChat.getState();
    return {
      ask: (question) => chat.ask(botId, place, question, listener),
      resend: (id) => chat.resend(botId, place, id, listener),
      stop: () => chat.stop(place),
      dismiss: (id) => chat.dismiss(place, id),
    };
  }, [client, botId, place, onPlaced]);
}

/** Keeps the lists true whatever page is open when the answer ends. */
function listenerFor(
  client: QueryClient,
  botId: string,
  place: string,
  onPlaced: (conversationId: string) => void,
): AskListener {
  return {
    onPlaced(conversationId, query) {
      if (conversationId === place) return;
      client.setQueryData<Conversation>(
        keys.conversation(conversationId),
        (known) => known ?? begun(conversationId, botId, query),
      );
      void client.invalidateQueries({ queryKey: keys.conversations(botId) });
      onPlaced(conversationId);
    },
    onEnded(endedIn) {
      void client.invalidateQueries({ queryKey: keys.conversation(endedIn) });
      void client.invalidateQueries({ queryKey: keys.conversations(botId) });
    },
  };
}

/** What is known of a conversation whose first question has just been stored. */
function begun(id: string, botId: string, query: string): Conversation {
  const now = new Date().toISOString();
  return { id, bot_id: botId, title: query.slice(0, 120), created_at: now, updated_at: now, messages: [] };
}

// A bot's documents: what it has learned, is learning and fails to learn.
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { fetchSample } from '@/api/sample';
import type { BotDocument } from '@/api/types';
import type { SampleLanguage } from '@/lib/sample';
import { isUnfinished } from '@/lib/training';
import { useUploads } from '@/store/uploads';
import { keys } from './keys';

/** How long the list may go without news while something is in training before it is asked for again. */
const POLL_MS = 5_000;

export function documentsQuery(botId: string) {
  return queryOptions({
    queryKey: keys.documents(botId),
    queryFn: ({ signal }) =>
      unwrap(api.GET('/bots/{bot_id}/documents/', { params: { path: { bot_id: botId } }, signal })),
  });
}

/** Newest first. Kept live by `useLiveDocuments`; each news puts off the next question to the server. */
export function useDocuments(botId: string) {
  return useQuery({
    ...documentsQuery(botId),
    refetchInterval: ({ state }) => (state.data?.some(isUnfinished) ? POLL_MS : false),
  });
}

/** One of them, known at once where the list has been seen. */
export function useDocument(botId: string, documentId: string) {
  const client = useQueryClient();
  const list = () => client.getQueryState(keys.documents(botId));
  return useQuery({
    queryKey: documentKey(botId, documentId),
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/bots/{bot_id}/documents/{document_id}', {
          params: { path: { bot_id: botId, document_id: documentId } },
          signal,
        }),
      ),
    initialData: () => listed(client, botId)?.find((document) => document.id === documentId),
    initialDataUpdatedAt: () => list()?.dataUpdatedAt,
    refetchInterval: ({ state }) => (state.data && isUnfinished(state.data) ? POLL_MS : false),
  });
}

/** Upload files to the bot; each is in the list as soon as the server has it. */
export function useUploadFiles(botId: string): (files: readonly File[]) => void {
  const client = useQueryClient();
  const add = useUploads((store) => store.add);
  return (files) =>
    add(botId, files, (document) => {
      putDocument(client, botId, document);
      void client.invalidateQueries({ queryKey: keys.quotas });
    });
}

/** Train the bot on the sample handbook. */
export function useUploadSample(botId: string) {
  const upload = useUploadFiles(botId);
  return useMutation({
    mutationFn: (language: SampleLanguage) => fetchSample(language),
    onSuccess: (file) => upload([file]),
  });
}

export function useRemoveDocument(botId: string) {
  const client = useQueryClient();
  const key = keys.documents(botId);
  return useMutation({
    mutationFn: (documentId: string) =>
      unwrap(
        api.DELETE('/bots/{bot_id}/documents/{document_id}', {
          params: { path: { bot_id: botId, document_id: documentId } },
        }),
      ),
    onMutate: async (documentId) => {
      await client.cancelQueries({ queryKey: key, exact: true });
      const before = listed(client, botId);
      client.setQueryData<BotDocument[]>(key, (all) => all?.filter(({ id }) => id !== documentId));
      return { before };
    },
    onError: (_error, _documentId, context) => client.setQueryData(key, context?.before),
    onSuccess: (_answer, documentId) => client.removeQueries({ queryKey: documentKey(botId, documentId) }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.quotas });
      return client.invalidateQueries({ queryKey: key, exact: true });
    },
  });
}

/** Queue a failed document again. */
export function useRetryDocument(botId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (documentId: string) =>
      unwrap(
        api.POST('/bots/{bot_id}/documents/{document_id}/retry', {
          params: { path: { bot_id: botId, document_id: documentId } },
        }),
      ),
    onSuccess: (document) => putDocument(client, botId, document),
    onError: () => client.invalidateQueries({ queryKey: keys.documents(botId), exact: true }),
  });
}

/** What a document is now, in the list and on its own. A new one comes first. */
export function putDocument(client: QueryClient, botId: string, document: BotDocument): void {
  client.setQueryData<BotDocument[]>(keys.documents(botId), (all) => {
    // A list that nobody has read yet is not made up of one.
    if (!all) return all;
    const isListed = all.some(({ id }) => id === document.id);
    return isListed ? all.map((one) => (one.id === document.id ? document : one)) : [document, ...all];
  });
  client.setQueryData<BotDocument>(documentKey(botId, document.id), (one) => one && document);
  if (!listed(client, botId)) void client.invalidateQueries({ queryKey: keys.documents(botId), exact: true });
}

export function listed(client: QueryClient, botId: string): BotDocument[] | undefined {
  return client.getQueryData<BotDocument[]>(keys.documents(botId));
}

function documentKey(botId: string, documentId: string) {
  return [...keys.documents(botId), documentId] as const;
}

// Which providers answer this account, and its own keys for them.
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Provider, ProviderName } from '@/api/types';
import { keys } from './keys';

export function useProviders() {
  return useQuery({
    queryKey: keys.providers,
    queryFn: ({ signal }) => unwrap(api.GET('/providers/', { signal })),
  });
}

export interface KeyToSave {
  provider: ProviderName;
  /** Reads the key where it was typed: what a mutation is given stays in memory, and a key must not. */
  readKey: () => string;
  isUnchecked: boolean;
}

export function useSaveKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ provider, readKey, isUnchecked }: KeyToSave) =>
      unwrap(
        api.PUT('/providers/{provider}/key', {
          params: { path: { provider }, query: isUnchecked ? { unchecked: true } : {} },
          body: { key: readKey() },
        }),
      ),
    onSuccess: (saved) => replaceProvider(client, saved),
  });
}

export function useRemoveKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (provider: ProviderName) =>
      unwrap(api.DELETE('/providers/{provider}/key', { params: { path: { provider } } })),
    // The server's own key may answer from now on: only it knows.
    onSuccess: () => client.invalidateQueries({ queryKey: keys.providers }),
  });
}

function replaceProvider(client: QueryClient, saved: Provider): void {
  client.setQueryData<Provider[]>(keys.providers, (providers) =>
    providers?.map((provider) => (provider.provider === saved.provider ? saved : provider)),
  );
}

// What an owner sees and changes about their own account.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { Problem } from '@/api/problem';
import type { Session } from '@/api/types';
import { useSession } from '@/store/session';
import { keys } from './keys';

interface PasswordChange {
  password: string;
  new_password: string;
}

/** Ends every other session of the account. */
export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: PasswordChange) => unwrap(api.PATCH('/users/me', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.sessions }),
  });
}

/** The account with all that it owns; then nobody is logged in. */
export function useRemoveAccount() {
  const end = useSession((session) => session.end);
  return useMutation({
    mutationFn: () => unwrap(api.DELETE('/users/me')),
    onSuccess: () => end('deleted'),
  });
}

/** Those in force, the one used last first; logins elsewhere tell us nothing, so they are asked for on every visit. */
export function useSessions() {
  return useQuery({
    queryKey: keys.sessions,
    queryFn: ({ signal }) => unwrap(api.GET('/users/me/sessions', { signal })),
    staleTime: 0,
  });
}

/** Ends one of them; the one in use ends here too. One that was over already is as good as ended. */
export function useEndSession() {
  const client = useQueryClient();
  const leave = useSession((session) => session.end);
  return useMutation({
    mutationFn: ({ id }: Session) =>
      unwrap(api.DELETE('/users/me/sessions/{session_id}', { params: { path: { session_id: id } } })).catch(
        (error: unknown) => {
          if (!(error instanceof Problem && error.code === 'session_not_found')) throw error;
        },
      ),
    onSuccess: (_answer, { id, current }) => {
      if (current) return leave('logout');
      client.setQueryData<Session[]>(keys.sessions, (all) => all?.filter((one) => one.id !== id));
      return client.invalidateQueries({ queryKey: keys.sessions });
    },
  });
}

/** What is used of each limit; every chat and every upload changes it. */
export function useQuotas() {
  return useQuery({
    queryKey: keys.quotas,
    queryFn: ({ signal }) => unwrap(api.GET('/users/me/quotas', { signal })),
    staleTime: 0,
  });
}

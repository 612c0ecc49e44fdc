// What an owner changes about their own account.
import { useMutation } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { useSession } from '@/store/session';

interface PasswordChange {
  password: string;
  new_password: string;
}

/** Ends every other session of the account. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (body: PasswordChange) => unwrap(api.PATCH('/users/me', { body })),
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

// Who may open an account here, as the operator has set it.
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { keys } from './keys';

export function useRegistration() {
  return useQuery({
    queryKey: keys.registration,
    queryFn: ({ signal }) => unwrap(api.GET('/users/registration', { signal })),
  });
}

// The whole panel at one address, in memory, with the real stores and a query client of its own.
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { Toaster } from '@/components/ui/Toaster';
import { makeQueryClient } from '@/queries/client';
import { routes } from '@/routes';
import { useSession } from '@/store/session';
import { aUser } from './factories';

/** Logged in as `aUser()` unless `anonymous`. Gives the user's hands, the router and the query client. */
export function renderAt(path: string, { anonymous = false } = {}) {
  const session = anonymous
    ? { token: null, user: null, status: 'out' as const }
    : { token: 'a-token', user: aUser(), status: 'in' as const };
  useSession.setState({ ...session, leftBecause: null });
  const client = makeQueryClient();
  client.setDefaultOptions({ queries: { retry: false, staleTime: 30_000 } });
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  const view = render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
      <Toaster />
    </QueryClientProvider>,
  );
  return { ...view, user: userEvent.setup(), router, client };
}

// Lets through who is logged in; everybody else goes to the login, and comes back after it.
import { Navigate, Outlet, useLocation } from 'react-router';
import { useSession } from '@/store/session';

export function RequireSession() {
  const status = useSession((session) => session.status);
  const { pathname, search } = useLocation();
  if (status === 'in') return <Outlet />;
  if (status === 'out') {
    const back = pathname + search === '/' ? '' : `?${new URLSearchParams({ next: pathname + search })}`;
    return <Navigate to={`/login${back}`} replace />;
  }
  return null;
}

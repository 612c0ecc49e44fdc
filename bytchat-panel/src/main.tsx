// Mounts the panel: languages, session, router, toasts.
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { Toaster } from '@/components/ui/Toaster';
import { startI18n } from '@/i18n';
import { loginPath } from '@/lib/loginPath';
import { makeQueryClient } from '@/queries/client';
import { routes } from '@/routes';
import { followOtherTabs, useSession } from '@/store/session';
import { followTheme } from '@/theme';
import './index.css';

/** Who leaves, or is somebody else now, gets a fresh page: nothing of the session can stay in memory. */
function loadAnewOnLeaving(): void {
  // Pages that wait in memory to be gone back to are dropped by the browser when something is said to them.
  const keptPages = new BroadcastChannel('bytchat-session');
  useSession.subscribe((now, before) => {
    const isSomebodyElse = before.user && now.user && before.user.id !== now.user.id;
    if (isSomebodyElse) window.location.reload();
    if (now.status !== 'out' || before.status === 'out') return;
    keptPages.postMessage('left');
    const { pathname, search } = window.location;
    window.location.replace(loginPath(pathname + search, now.leftBecause ?? 'logout'));
  });
}

async function start(): Promise<void> {
  followTheme();
  followOtherTabs();
  loadAnewOnLeaving();
  void useSession.getState().check();
  await startI18n();
  const root = document.getElementById('root');
  if (!root) throw new Error('index.html has no #root.');
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={makeQueryClient()}>
        <RouterProvider router={createBrowserRouter(routes)} />
        <Toaster />
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();

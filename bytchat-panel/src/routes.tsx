// Path → page: the only list of URLs. Each page is a file of its own, fetched when it is first opened.
import type { ComponentType } from 'react';
import { Navigate, type RouteObject } from 'react-router';
import { AppLayout } from '@/components/layout/AppLayout';
import { BotLayout } from '@/components/layout/BotLayout';
import { PageError } from '@/components/layout/PageError';
import { PageSkeleton } from '@/components/layout/PageSkeleton';
import { RequireSession } from '@/components/layout/RequireSession';

type Page = Promise<{ default: ComponentType }>;

const page = (load: () => Page) => ({
  lazy: async () => ({ Component: (await load()).default }),
});

export const routes: RouteObject[] = [
  {
    errorElement: <PageError />,
    hydrateFallbackElement: <PageSkeleton />,
    children: [
      { path: '/login', ...page(() => import('@/pages/LoginPage')) },
      { path: '/register', ...page(() => import('@/pages/RegisterPage')) },
      {
        element: <RequireSession />,
        children: [
          {
            element: <AppLayout />,
            children: [
              { index: true, ...page(() => import('@/pages/OverviewPage')) },
              { path: 'bots', ...page(() => import('@/pages/BotsPage')) },
              {
                path: 'bots/:botId',
                element: <BotLayout />,
                children: [
                  { index: true, element: <Navigate to="chat" replace /> },
                  // One route, so that a new conversation keeps its page when it gets its id.
                  { path: 'chat/:conversationId?', ...page(() => import('@/pages/ChatPage')) },
                  { path: 'documents', ...page(() => import('@/pages/DocumentsPage')) },
                  { path: 'documents/search', ...page(() => import('@/pages/SearchPage')) },
                  { path: 'documents/:documentId', ...page(() => import('@/pages/DocumentPage')) },
                  { path: 'toolbox', ...page(() => import('@/pages/ToolboxPage')) },
                  { path: 'settings', ...page(() => import('@/pages/BotSettingsPage')) },
                ],
              },
              { path: 'providers', ...page(() => import('@/pages/ProvidersPage')) },
              { path: 'account', ...page(() => import('@/pages/AccountPage')) },
              { path: '*', ...page(() => import('@/pages/NotFoundPage')) },
            ],
          },
        ],
      },
    ],
  },
];

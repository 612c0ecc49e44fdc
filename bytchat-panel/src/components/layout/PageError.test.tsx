import { render, screen } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { expect, test } from 'vitest';
import { server } from '@/tests/server';
import { PageError } from './PageError';

const MISSING = 'Failed to fetch dynamically imported module: /assets/DocumentsPage-1.js';

function openPageThatFailsWith(message: string) {
  const fail = () => {
    throw new Error(message);
  };
  render(
    <RouterProvider router={createMemoryRouter([{ path: '/', loader: fail, errorElement: <PageError /> }])} />,
  );
}

test('code that is missing while the server answers belongs to an older release', async () => {
  server.use(http.head('*/theme.js', () => new HttpResponse()));

  openPageThatFailsWith(MISSING);

  expect(await screen.findByRole('heading', { name: 'Hay una versión nueva del panel' })).toBeVisible();
});

test('code that is missing because the server is away is not called a new release', async () => {
  server.use(http.head('*/theme.js', () => HttpResponse.error()));

  openPageThatFailsWith(MISSING);

  expect(await screen.findByRole('heading', { name: 'El servidor no responde' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Reintentar' })).toBeEnabled();
});

test('a page that broke for another reason says so', async () => {
  openPageThatFailsWith('x is undefined');

  expect(await screen.findByRole('heading', { level: 1 })).not.toHaveTextContent('versión nueva');
});

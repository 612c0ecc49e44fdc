import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import { HttpResponse, http as plainHttp } from 'msw';
import { MemoryRouter } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import { makeQueryClient } from '@/queries/client';
import { API, server } from '@/tests/server';
import { giveElementsRoom } from '@/tests/training';
import { type CitedPassage, PassageDrawer } from './PassageDrawer';

beforeEach(giveElementsRoom);

function renderDrawer(passage: CitedPassage) {
  return render(
    <QueryClientProvider client={makeQueryClient()}>
      <MemoryRouter>
        <PassageDrawer botId="b" passage={passage} onClose={vi.fn()} />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

test('a citation opens its document at the passage, with a way to the whole page', async () => {
  server.use(
    plainHttp.get(`${API}/bots/:bot/documents/:document/text`, () =>
      HttpResponse.text('Antes 😀. Cuesta 729 €. Después.'),
    ),
  );

  const { container } = renderDrawer({
    document_id: 'd',
    filename: 'tienda.es.txt',
    start: 9,
    end: 22,
    quote: 'Cuesta 729 €.',
  });

  await waitFor(() => expect(container.querySelector('mark')).toHaveTextContent('Cuesta 729 €.'));
  expect(screen.getByRole('link', { name: 'Ver el documento' })).toHaveAttribute(
    'href',
    '/bots/b/documents/d?start=9&end=22',
  );
});

test('of a deleted document the kept quote is shown', () => {
  renderDrawer({ document_id: null, filename: 'viejo.txt', start: 0, end: 9, quote: 'Lo citado.' });

  expect(screen.getByText('Lo citado.')).toBeVisible();
  expect(screen.getByText(/se ha borrado/)).toBeVisible();
  expect(screen.queryByRole('link')).not.toBeInTheDocument();
});

test('a document that was deleted meanwhile leaves the quote as well', async () => {
  const body = { type: 'x', title: 'x', status: 404, detail: 'x', code: 'document_not_found' };
  server.use(
    plainHttp.get(`${API}/bots/:bot/documents/:document/text`, () => HttpResponse.json(body, { status: 404 })),
  );

  renderDrawer({ document_id: 'd', filename: 'viejo.txt', start: 0, end: 9, quote: 'Lo citado.' });

  expect(await screen.findByText('Lo citado.')).toBeVisible();
});

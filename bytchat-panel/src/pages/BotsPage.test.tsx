import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { NewBot } from '@/api/types';
import { aBot, aConfig } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const shop = aBot({ name: 'Tornavía', description: 'Atención al cliente' });
const lab = aBot({ name: 'Laboratorio', configs: [aConfig({ provider: 'openai', model_id: 'gpt-4o' })] });

// The sidebar names the bots too.
const main = async () => within(await screen.findByRole('main'));
const card = async (name: string) => (await main()).findByRole('article', { name });
const search = async () => (await main()).findByRole('searchbox', { name: 'Buscar bots' });

// The first load of a page is slow on a busy machine.
beforeAll(() => Promise.all([import('./BotsPage'), import('./ChatPage')]));

beforeEach(() => {
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([shop, lab])),
    http.get('/bots/{bot_id}', ({ response }) => response(200).json(shop)),
    http.get('/bots/{bot_id}/conversations/', ({ response }) => response(200).json([])),
    http.get('/bots/{bot_id}/documents/', ({ response }) => response(200).json([])),
    http.get('/providers/', ({ response }) => response(200).json([])),
  );
});

test('each bot is a card with its models that leads to its chat', async () => {
  renderAt('/bots');

  const article = within(await card('Laboratorio'));
  expect(article.getByRole('link', { name: 'Laboratorio' })).toHaveAttribute('href', `/bots/${lab.id}`);
  expect(article.getByText('gpt-4o')).toBeVisible();
});

test('without bots the page offers to create the first', async () => {
  server.use(http.get('/bots/', ({ response }) => response(200).json([])));
  const { user } = renderAt('/bots');

  expect(await screen.findByRole('heading', { name: 'Crea tu primer bot' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Nuevo bot' }));

  expect(await screen.findByRole('dialog', { name: 'Nuevo bot' })).toBeVisible();
});

test('where the list cannot be loaded it is said, and asked again on demand', async () => {
  server.use(http.get('/bots/', refuses(500, 'internal'), { once: true }));
  const { user } = renderAt('/bots');

  await user.click(await (await main()).findByRole('button', { name: 'Reintentar' }));

  expect(await card('Tornavía')).toBeVisible();
});

test('the search takes no heed of accents, and says how many it found', async () => {
  const { user } = renderAt('/bots');

  await user.type(await search(), 'tornavia');

  expect(await screen.findByText('1 bot encontrado')).toBeVisible();
  expect((await main()).getAllByRole('article')).toEqual([await card('Tornavía')]);
});

test('where nothing matches the search can be cleared', async () => {
  const { user } = renderAt('/bots');

  await user.type(await search(), 'nada de esto');
  await user.click(await screen.findByRole('button', { name: 'Borrar la búsqueda' }));

  expect(await card('Laboratorio')).toBeVisible();
  expect(await search()).toHaveValue('');
});

test('a new bot needs only a name, and leads to its chat', async () => {
  const sent: NewBot[] = [];
  const created = aBot({ name: 'Bicis' });
  server.use(
    http.post('/bots/', async ({ request, response }) => {
      sent.push(await request.json());
      return response(200).json(created);
    }),
  );
  const { user, router } = renderAt('/bots');

  await user.click(await screen.findByRole('button', { name: 'Nuevo bot' }));
  await user.type(await screen.findByLabelText('Nombre'), '  Bicis ');
  await user.click(screen.getByRole('button', { name: 'Crear bot' }));

  await waitFor(() => expect(router.state.location.pathname).toMatch(`/bots/${created.id}`));
  expect(sent).toMatchObject([{ name: 'Bicis', description: '', system_prompt: '', grounding: 'open' }]);
});

test('a new bot without a name is not sent', async () => {
  const { user } = renderAt('/bots');

  await user.click(await screen.findByRole('button', { name: 'Nuevo bot' }));
  await user.click(await screen.findByRole('button', { name: 'Crear bot' }));

  expect(await screen.findByLabelText('Nombre')).toHaveAccessibleDescription('Escribe un nombre.');
});

test('what was typed stays when the API refuses the bot, and when the dialog is closed', async () => {
  server.use(http.post('/bots/', refuses(503, 'database_unavailable')));
  const { user } = renderAt('/bots');

  await user.click(await screen.findByRole('button', { name: 'Nuevo bot' }));
  await user.type(await screen.findByLabelText('Nombre'), 'Bicis');
  await user.click(screen.getByRole('button', { name: 'Crear bot' }));
  expect(await screen.findByRole('alert')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Cancelar' }));
  await user.click(screen.getByRole('button', { name: 'Nuevo bot' }));

  expect(await screen.findByLabelText('Nombre')).toHaveValue('Bicis');
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

test('pressing twice creates one bot', async () => {
  let posts = 0;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  server.use(
    http.post('/bots/', async ({ response }) => {
      posts++;
      await gate;
      return response(200).json(shop);
    }),
  );
  const { user, router } = renderAt('/bots');

  await user.click(await screen.findByRole('button', { name: 'Nuevo bot' }));
  await user.type(await screen.findByLabelText('Nombre'), 'Bicis{Enter}{Enter}');
  await user.click(screen.getByRole('button', { name: 'Crear bot' }));
  open();

  await waitFor(() => expect(router.state.location.pathname).toMatch(shop.id));
  expect(posts).toBe(1);
});

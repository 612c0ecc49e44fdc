import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { useSession } from '@/store/session';
import { aBot, aUser } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';
import { isMissingChunk } from './missingChunk';
import { fillsHeight, sectionOf } from './section';

beforeEach(() => {
  server.use(http.get('/bots/', ({ response }) => response(200).json([])));
});

test('a bot that does not exist is said, with a way back', async () => {
  server.use(http.get('/bots/{bot_id}', refuses(404, 'bot_not_found')));

  renderAt('/bots/01955000-0000-7000-8000-000000000001/settings');

  expect(await screen.findByRole('heading', { level: 1, name: 'Ese bot no existe' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Ver tus bots' })).toHaveAttribute('href', '/bots');
});

test('the sidebar leads to the bots that changed last', async () => {
  const bot = aBot({ name: 'Tornavía' });
  server.use(http.get('/bots/', ({ response }) => response(200).json([bot])));

  renderAt('/account');

  const bots = within(await screen.findByRole('navigation', { name: 'Tus bots' }));
  expect(await bots.findByRole('link', { name: 'Tornavía' })).toHaveAttribute('href', `/bots/${bot.id}`);
});

test('the account menu leads out', async () => {
  server.use(http.post('/token/revoke', ({ response }) => response(204).empty()));
  const { user, router } = renderAt('/account');
  await user.click(await screen.findByRole('button', { name: /Tu cuenta/ }));

  await user.click(screen.getByRole('menuitem', { name: 'Salir' }));

  await waitFor(() => expect(router.state.location.pathname).toBe('/login'));
  expect(router.state.location.search).toBe('');
});

test('a server that does not answer is said, and one goes on where one was when it does', async () => {
  server.use(http.get('/users/me', ({ response }) => response(200).json(aUser())));
  const { user } = renderAt('/account');
  await screen.findByRole('heading', { level: 1, name: 'Cuenta' });
  useSession.setState({ status: 'unreachable' });

  await user.click(await screen.findByRole('button', { name: 'Reintentar' }));

  expect(await screen.findByRole('heading', { level: 1, name: 'Cuenta' })).toBeVisible();
});

test('another page begins with the focus on its content', async () => {
  const { user } = renderAt('/account');
  await screen.findByRole('heading', { level: 1, name: 'Cuenta' });

  await user.click(screen.getByRole('link', { name: 'Bots' }));

  await waitFor(() => expect(screen.getByRole('main')).toHaveFocus());
});

test('a conversation that gets its id is the same page', () => {
  expect(sectionOf('/bots/1/chat/2')).toBe(sectionOf('/bots/1/chat'));
  expect(sectionOf('/bots/1/chat')).not.toBe(sectionOf('/bots/2/chat'));
  expect(sectionOf('/bots/')).toBe('/bots');
});

test('the chat and the viewer fill the height, lists do not', () => {
  expect(['/bots/1/chat', '/bots/1/chat/2', '/bots/1/documents/3'].map(fillsHeight)).toEqual([true, true, true]);
  const inColumn = ['/', '/bots', '/bots/1/documents', '/bots/1/documents/search', '/bots/1/settings'];
  expect(inColumn.map(fillsHeight)).toEqual([false, false, false, false, false]);
});

test('code that is gone after a release is told from a bug', () => {
  expect(isMissingChunk(new TypeError('Failed to fetch dynamically imported module: /assets/x.js'))).toBe(true);
  expect(isMissingChunk(new TypeError('x is undefined'))).toBe(false);
});

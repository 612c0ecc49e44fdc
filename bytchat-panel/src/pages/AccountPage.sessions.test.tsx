import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { Session } from '@/api/types';
import { useSession } from '@/store/session';
import { aSession, aUser } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const here = aSession({ current: true });
const phone = aSession({
  user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1',
  last_used_at: new Date(Date.now() - 3 * 86_400_000 - 1000).toISOString(),
});
const script = aSession({ user_agent: 'curl/8.5.0' });

function serveSessions(sessions: readonly Session[]): { open: Session[]; asked: () => number } {
  const served = { open: [...sessions], asked: () => count };
  let count = 0;
  server.use(
    http.get('/users/me/sessions', ({ response }) => {
      count += 1;
      return response(200).json(served.open);
    }),
  );
  return served;
}

async function open() {
  const view = renderAt('/account');
  await screen.findByRole('heading', { level: 1, name: 'Cuenta' });
  return view;
}

const list = () => screen.findByRole('list', { name: 'Sesiones abiertas' });
const rows = async () => within(await list()).getAllByRole('listitem');

beforeEach(() => {
  server.use(http.get('/bots/', ({ response }) => response(200).json([])));
});

test('each session says with what it was opened and when it was used, one’s own first', async () => {
  serveSessions([phone, script, here]);
  await open();

  const [own, ...others] = (await rows()).map((row) => row.textContent);

  expect(own).toMatch(/Firefox en Linux.*Esta sesión/);
  expect(others[0]).toMatch(/Safari en iPhone.*hace 3 días/);
  expect(others[1]).toContain('curl/8.5.0');
  expect(others.join()).not.toContain('Esta sesión');
});

test('a session is ended after a question, and the list is without it', async () => {
  const served = serveSessions([here, phone]);
  let ended: unknown;
  server.use(
    http.delete('/users/me/sessions/{session_id}', ({ params, response }) => {
      ended = params.session_id;
      served.open = [here];
      return response(204).empty();
    }),
  );
  const { user } = await open();
  await list();

  await user.click(screen.getByRole('button', { name: 'Cerrar sesión de Safari en iPhone' }));
  expect(ended).toBeUndefined();
  const dialog = within(screen.getByRole('dialog', { name: '¿Cerrar la sesión de Safari en iPhone?' }));
  await user.click(dialog.getByRole('button', { name: 'Cerrar sesión' }));

  expect(await screen.findByText('Sesión de Safari en iPhone cerrada.')).toBeVisible();
  expect(await rows()).toHaveLength(1);
  expect(ended).toBe(phone.id);
  expect(useSession.getState().status).toBe('in');
});

test('ending one’s own session leads to the login', async () => {
  serveSessions([here, phone]);
  server.use(http.delete('/users/me/sessions/{session_id}', ({ response }) => response(204).empty()));
  const { user, router } = await open();
  await list();

  await user.click(screen.getByRole('button', { name: 'Cerrar sesión de Firefox en Linux' }));
  const dialog = within(screen.getByRole('dialog', { name: '¿Cerrar esta sesión?' }));
  await user.click(dialog.getByRole('button', { name: 'Cerrar sesión' }));

  await waitFor(() => expect(router.state.location.pathname).toBe('/login'));
  expect(useSession.getState().token).toBeNull();
  expect(localStorage.getItem('bytchat-session')).toBeNull();
});

test('a session that was over already is gone from the list without an error', async () => {
  const served = serveSessions([here, phone]);
  server.use(http.delete('/users/me/sessions/{session_id}', refuses(404, 'session_not_found')));
  const { user } = await open();
  await list();
  served.open = [here];

  await user.click(screen.getByRole('button', { name: 'Cerrar sesión de Safari en iPhone' }));
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Cerrar sesión' }));

  await waitFor(async () => expect(await rows()).toHaveLength(1));
  expect(screen.queryByRole('alert')).toBeNull();
});

test('a session that cannot be ended stays, and the dialog says why', async () => {
  serveSessions([here, phone]);
  server.use(http.delete('/users/me/sessions/{session_id}', refuses(503, 'database_unavailable')));
  const { user } = await open();
  await list();

  await user.click(screen.getByRole('button', { name: 'Cerrar sesión de Safari en iPhone' }));
  const dialog = within(screen.getByRole('dialog'));
  await user.click(dialog.getByRole('button', { name: 'Cerrar sesión' }));

  expect(await dialog.findByText(/La base de datos no responde/)).toBeVisible();
  expect(await rows()).toHaveLength(2);
});

test('after a change of the password the list is asked for again', async () => {
  const served = serveSessions([here, phone]);
  server.use(http.patch('/users/me', ({ response }) => response(200).json(aUser())));
  const { user } = await open();
  await list();
  served.open = [here];

  await user.type(screen.getByLabelText('Contraseña actual'), 'la-de-antes');
  await user.type(screen.getByLabelText('Contraseña nueva'), 'la-de-ahora-larga');
  await user.click(screen.getByRole('button', { name: 'Cambiar la contraseña' }));

  expect(await screen.findByText(/Tus demás sesiones se han cerrado/)).toBeVisible();
  await waitFor(async () => expect(await rows()).toHaveLength(1));
});

test('many sessions are shown on demand', async () => {
  serveSessions([here, ...Array.from({ length: 9 }, () => aSession({ user_agent: 'curl/8.5.0' }))]);
  const { user } = await open();
  expect(await rows()).toHaveLength(5);

  await user.click(screen.getByRole('button', { name: 'Ver 5 más' }));

  expect(await rows()).toHaveLength(10);
});

test('a list that does not come is said, with a way to ask again', async () => {
  server.use(http.get('/users/me/sessions', refuses(500, 'internal_error')));
  const { user } = await open();
  const section = within(screen.getByRole('region', { name: 'Sesiones abiertas' }));
  const again = await section.findByRole('button', { name: 'Reintentar' });
  serveSessions([here]);

  await user.click(again);

  expect(await rows()).toHaveLength(1);
});

import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { usePreferences } from '@/store/preferences';
import { useSession } from '@/store/session';
import { aUser } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

async function open() {
  const view = renderAt('/account');
  await screen.findByRole('heading', { level: 1, name: 'Cuenta' });
  return view;
}

type Hands = ReturnType<typeof renderAt>['user'];

async function changePassword(user: Hands) {
  await user.type(screen.getByLabelText('Contraseña actual'), 'la-de-antes');
  await user.type(screen.getByLabelText('Contraseña nueva'), 'la-de-ahora-larga');
  await user.click(screen.getByRole('button', { name: 'Cambiar la contraseña' }));
}

beforeEach(() => {
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([])),
    http.get('/users/me/sessions', ({ response }) => response(200).json([])),
  );
});

test('a changed password is said, and the fields are empty again', async () => {
  let sent: unknown;
  server.use(
    http.patch('/users/me', async ({ request, response }) => {
      sent = await request.json();
      return response(200).json(aUser());
    }),
  );
  const { user } = await open();

  await changePassword(user);

  expect(await screen.findByText(/Contraseña cambiada/)).toBeVisible();
  expect(sent).toEqual({ password: 'la-de-antes', new_password: 'la-de-ahora-larga' });
  expect(screen.getByLabelText('Contraseña nueva')).toHaveValue('');
});

test('a wrong current password is said at its field and ends no session', async () => {
  server.use(http.patch('/users/me', refuses(401, 'wrong_credentials')));
  const { user } = await open();

  await changePassword(user);

  expect(await screen.findByText('Esa no es tu contraseña actual.')).toBeVisible();
  expect(screen.getByLabelText('Contraseña nueva')).toHaveValue('la-de-ahora-larga');
  expect(useSession.getState().status).toBe('in');
});

test('the account is deleted only when its e-mail is written, and then nobody is logged in', async () => {
  server.use(http.delete('/users/me', ({ response }) => response(204).empty()));
  const { user, router } = await open();
  await user.click(screen.getByRole('button', { name: 'Borrar la cuenta…' }));
  const dialog = within(screen.getByRole('dialog', { name: '¿Borrar tu cuenta?' }));
  expect(dialog.getByRole('button', { name: 'Borrar para siempre' })).toBeDisabled();

  await user.type(dialog.getByRole('textbox'), 'nerea@ejemplo.com');
  await user.click(dialog.getByRole('button', { name: 'Borrar para siempre' }));

  await waitFor(() => expect(router.state.location.pathname).toBe('/login'));
  expect(await screen.findByText(/se han borrado/)).toBeVisible();
});

test('the language changes the whole panel at once', async () => {
  const { user } = await open();

  await user.click(within(screen.getByRole('main')).getByRole('radio', { name: 'English' }));

  expect(await screen.findByRole('heading', { level: 1, name: 'Account' })).toBeVisible();
  expect(document.documentElement).toHaveAttribute('lang', 'en');
});

test('the theme is kept in this browser', async () => {
  const { user } = await open();

  await user.click(within(screen.getByRole('main')).getByRole('radio', { name: 'Oscuro' }));

  expect(usePreferences.getState().theme).toBe('dark');
  expect(localStorage.getItem('bytchat-preferences')).toContain('dark');
});

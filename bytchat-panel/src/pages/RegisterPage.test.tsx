import { screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { Registration } from '@/api/types';
import { usePreferences } from '@/store/preferences';
import { aRegistration, aUser } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const whoMayRegister = (given: Partial<Registration> = {}) =>
  http.get('/users/registration', ({ response }) => response(200).json(aRegistration(given)));

type Hands = ReturnType<typeof renderAt>['user'];

async function register(user: Hands, password = 'una-clave-muy-larga') {
  await user.type(await screen.findByLabelText('Correo'), 'nerea@ejemplo.com');
  await user.type(screen.getByLabelText('Contraseña'), password);
  await user.click(screen.getByRole('button', { name: 'Crear la cuenta' }));
}

beforeEach(() => {
  server.use(
    http.post('/users/', ({ response }) => response(200).json(aUser())),
    http.post('/token', ({ response }) => response(200).json({ access_token: 'fresh', token_type: 'bearer' })),
    http.get('/users/me', ({ response }) => response(200).json(aUser())),
    http.get('/bots/', ({ response }) => response(200).json([])),
  );
});

test('a new account is logged in at once and goes where it wanted', async () => {
  const { user, router } = renderAt('/register?next=/account', { anonymous: true });

  await register(user);

  await waitFor(() => expect(router.state.location.pathname).toBe('/account'));
});

test('a short password is refused before it is sent', async () => {
  const { user } = renderAt('/register', { anonymous: true });

  await register(user, 'siete77');

  expect(await screen.findByText('Usa al menos 8 caracteres.')).toBeVisible();
  expect(screen.getByLabelText('Contraseña')).toBeInvalid();
});

test.each([
  ['email_taken', 409, 'Correo', 'Ya hay una cuenta con ese correo. Entra con ella o usa otro.'],
  ['registration_domain', 403, 'Correo', 'detail of registration_domain'],
  ['password_too_common', 422, 'Contraseña', 'Esa contraseña es de las más usadas. Elige otra.'],
])('%s is said at its field, which gets the focus', async (code, status, field, words) => {
  server.use(http.post('/users/', refuses(status, code)));
  const { user } = renderAt('/register', { anonymous: true });

  await register(user);

  expect(await screen.findByText(words)).toBeVisible();
  expect(screen.getByLabelText(field)).toHaveFocus();
  expect(screen.getByLabelText(field)).toHaveAccessibleDescription(expect.stringContaining(words));
});

test('how good the password is shows while it is typed', async () => {
  const { user } = renderAt('/register', { anonymous: true });
  expect(await screen.findByText('Al menos 8 caracteres')).toBeVisible();

  await user.type(screen.getByLabelText('Contraseña'), 'tres palabras sueltas');

  expect(screen.getByText('Muy buena contraseña')).toBeVisible();
});

test('where registration is closed there is no form, but whom to ask and the way to the login', async () => {
  server.use(whoMayRegister({ mode: 'closed' }));

  renderAt('/register', { anonymous: true });

  expect(await screen.findByRole('heading', { level: 1, name: 'El registro está cerrado' })).toBeVisible();
  expect(screen.getByText(/las crea quien lo administra/)).toBeVisible();
  expect(screen.getByRole('link', { name: 'Entra' })).toHaveAttribute('href', '/login');
  expect(screen.queryByLabelText('Correo')).toBeNull();
});

test('it says in English too that registration is closed', async () => {
  usePreferences.setState({ language: 'en' });
  server.use(whoMayRegister({ mode: 'closed' }));

  renderAt('/register', { anonymous: true });

  expect(await screen.findByRole('heading', { level: 1, name: 'Registration is closed' })).toBeVisible();
});

test('whose e-mails can register is known before the form is filled', async () => {
  server.use(whoMayRegister({ mode: 'domain', domains: ['empresa.com', 'empresa.org'] }));

  renderAt('/register', { anonymous: true });

  expect(await screen.findByLabelText('Correo')).toHaveAccessibleDescription(
    'Solo se registran correos de empresa.com y empresa.org.',
  );
});

test('where nobody can say who may register, one can ask again', async () => {
  server.use(http.get('/users/registration', refuses(503, 'unavailable')));
  const { user } = renderAt('/register', { anonymous: true });
  const again = await screen.findByRole('button', { name: 'Reintentar' });
  server.use(whoMayRegister());

  await user.click(again);

  expect(await screen.findByLabelText('Correo')).toBeVisible();
});

import { screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { aRegistration, aUser } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const email = () => screen.findByLabelText('Correo');
const submit = () => screen.getByRole('button', { name: 'Entrar' });

type Hands = ReturnType<typeof renderAt>['user'];

async function logIn(user: Hands) {
  await user.type(await email(), 'nerea@ejemplo.com');
  await user.type(screen.getByLabelText('Contraseña'), 'una-clave-muy-larga');
  await user.click(submit());
}

beforeEach(() => {
  server.use(
    http.post('/token', ({ response }) => response(200).json({ access_token: 'fresh', token_type: 'bearer' })),
    http.get('/users/me', ({ response }) => response(200).json(aUser())),
    http.get('/bots/', ({ response }) => response(200).json([])),
  );
});

test('who is not logged in is led to the login, and comes back after it', async () => {
  const { user, router } = renderAt('/account', { anonymous: true });
  await waitFor(() => expect(router.state.location.pathname).toBe('/login'));

  await logIn(user);

  expect(await screen.findByRole('heading', { level: 1, name: 'Cuenta' })).toBeVisible();
});

test('the credentials go as a form, as OAuth wants them', async () => {
  let sent = '';
  server.use(
    http.post('/token', async ({ request, response }) => {
      sent = `${request.headers.get('Content-Type')} ${await request.text()}`;
      return response(200).json({ access_token: 'fresh', token_type: 'bearer' });
    }),
  );
  const { user } = renderAt('/login?next=/account', { anonymous: true });

  await logIn(user);

  await screen.findByRole('heading', { level: 1, name: 'Cuenta' });
  expect(sent).toBe('application/x-www-form-urlencoded username=nerea%40ejemplo.com&password=una-clave-muy-larga');
});

test('a link to the login leads to no other place than the panel', async () => {
  const { user, router } = renderAt('/login?next=//evil.example/account', { anonymous: true });

  await logIn(user);

  await waitFor(() => expect(router.state.location.pathname).toBe('/'));
});

test('who is logged in already goes on at once', async () => {
  const { router } = renderAt('/login?next=/account');

  await waitFor(() => expect(router.state.location.pathname).toBe('/account'));
});

test('a session that ended says why one is here', async () => {
  renderAt('/login?reason=expired', { anonymous: true });

  expect(
    await screen.findByText(
      'Tu sesión ha terminado: ha caducado o se ha cerrado desde otro sitio. Para seguir, entra otra vez.',
    ),
  ).toBeVisible();
});

test('wrong credentials are said in the form, which keeps what was typed', async () => {
  server.use(http.post('/token', refuses(401, 'wrong_credentials')));
  const { user } = renderAt('/login', { anonymous: true });

  await logIn(user);

  expect(await screen.findByRole('alert')).toHaveTextContent('El correo o la contraseña no son correctos.');
  expect(await email()).toHaveValue('nerea@ejemplo.com');
  expect(screen.getByLabelText('Contraseña')).toHaveFocus();
});

test('too many attempts say how long to wait', async () => {
  server.use(http.post('/token', refuses(429, 'too_many_requests', { headers: { 'Retry-After': '45' } })));
  const { user } = renderAt('/login', { anonymous: true });

  await logIn(user);

  expect(await screen.findByRole('alert')).toHaveTextContent(/Prueba de nuevo dentro de 45\ss/);
});

test('nothing is sent before both fields are filled', async () => {
  let calls = 0;
  server.use(
    http.post('/token', (call) => {
      calls += 1;
      return refuses(401, 'wrong_credentials')(call);
    }),
  );
  const { user } = renderAt('/login', { anonymous: true });
  await user.type(await email(), 'nerea');

  await user.click(submit());

  expect(await screen.findByText(/Escribe un correo completo/)).toBeVisible();
  expect(screen.getByText('Hace falta rellenarlo.')).toBeVisible();
  expect(calls).toBe(0);
});

test('the password can be looked at', async () => {
  const { user } = renderAt('/login', { anonymous: true });
  await email();
  expect(screen.getByLabelText('Contraseña')).toHaveAttribute('type', 'password');

  await user.click(screen.getByRole('button', { name: 'Mostrar la contraseña' }));

  expect(screen.getByLabelText('Contraseña')).toHaveAttribute('type', 'text');
});

test('where registration is closed the login says whom to ask, and leads nowhere', async () => {
  server.use(
    http.get('/users/registration', ({ response }) => response(200).json(aRegistration({ mode: 'closed' }))),
  );

  renderAt('/login', { anonymous: true });

  expect(await screen.findByText('¿Aún no tienes cuenta? Pídesela a quien administra el servidor.')).toBeVisible();
  expect(screen.queryByRole('link', { name: 'Crea una' })).toBeNull();
});

test('whoever has no account is led to the registration, and does not forget where they wanted to go', async () => {
  renderAt('/login?next=/account', { anonymous: true });

  expect(await screen.findByRole('link', { name: 'Crea una' })).toHaveAttribute(
    'href',
    '/register?next=%2Faccount',
  );
});

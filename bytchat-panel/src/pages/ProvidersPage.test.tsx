import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { Provider, ProviderModel } from '@/api/types';
import { aProvider } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const KEY = 'sk-canary-0123456789';

const aModel = (model_id: string, usd: number | null): ProviderModel => ({
  model_id,
  context_tokens: 128_000,
  max_output_tokens: null,
  input_usd_per_mtok: usd,
  output_usd_per_mtok: usd,
  reasons: false,
  sees_images: false,
});

let providers: Provider[];
let asked: URL[];
let saved: unknown[];

const set = (name: Provider['provider'], given: Partial<Provider>) => {
  providers = providers.map((provider) => (provider.provider === name ? { ...provider, ...given } : provider));
};

beforeEach(() => {
  providers = [
    aProvider({ provider: 'google', models: [aModel('gemini-pro-latest', 2)] }),
    aProvider({ models: [aModel('gpt-4o', 2.5), aModel('gpt-nuevo', null), aModel('gpt-5-nano', 0.05)] }),
    aProvider({ provider: 'local', configured: true, needs_key: false, models: [aModel('extractive', 0)] }),
  ];
  asked = [];
  saved = [];
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([])),
    http.get('/providers/', ({ response }) => response(200).json(providers)),
    http.put('/providers/{provider}/key', async ({ request, response }) => {
      asked.push(new URL(request.url));
      saved.push(await request.json());
      set('openai', { configured: true, source: 'own', key_last4: '6789', checked_at: new Date().toISOString() });
      return response(200).json(providers[1] ?? aProvider());
    }),
  );
});

async function openKeyDialog() {
  const view = renderAt('/providers');
  await view.user.click(await screen.findByRole('button', { name: 'Añadir clave de OpenAI' }));
  return { ...view, dialog: within(await screen.findByRole('dialog', { name: 'Clave de OpenAI' })) };
}

test('each provider says whether it can answer and with whose key', async () => {
  set('google', { configured: true, source: 'server' });
  set('openai', { configured: false, source: 'own', key_last4: '9xYz', key_problem: 'provider_key_unreadable' });

  renderAt('/providers');

  expect(await screen.findByText('Clave del servidor')).toBeVisible();
  expect(screen.getByText('Clave ilegible')).toBeVisible();
  expect(screen.getByText(/ya no puede leer tu clave ····9xYz/)).toBeVisible();
  expect(screen.getByText(/LOCAL_BASE_URL/)).toBeVisible();
});

test('a pasted key is trimmed, saved, and shown by its last characters', async () => {
  const { user, dialog } = await openKeyDialog();

  await user.type(dialog.getByLabelText('Clave de API'), `  ${KEY} {Enter}`);

  expect(await screen.findByText('Tu clave ····6789')).toBeVisible();
  expect(saved).toEqual([{ key: KEY }]);
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
});

test('the key is in no cache and in no storage', async () => {
  const { user, dialog, client } = await openKeyDialog();

  await user.type(dialog.getByLabelText('Clave de API'), `${KEY}{Enter}`);
  await screen.findByText('Tu clave ····6789');

  const kept = JSON.stringify([
    client
      .getMutationCache()
      .getAll()
      .map(({ state }) => state),
    client
      .getQueryCache()
      .getAll()
      .map(({ state }) => state),
    { ...localStorage },
    { ...sessionStorage },
  ]);
  expect(kept).not.toContain('canary');
  expect(document.documentElement.innerHTML).not.toContain('canary');
});

test('what is closed and opened again is empty', async () => {
  const { user, dialog } = await openKeyDialog();
  await user.type(dialog.getByLabelText('Clave de API'), KEY);
  await user.click(dialog.getByRole('button', { name: 'Cancelar' }));

  await user.click(screen.getByRole('button', { name: 'Añadir clave de OpenAI' }));

  expect(screen.getByLabelText('Clave de API')).toHaveValue('');
  expect(saved).toEqual([]);
});

test('a key that is too short is not sent', async () => {
  const { user, dialog } = await openKeyDialog();

  await user.type(dialog.getByLabelText('Clave de API'), 'corta{Enter}');

  expect(await dialog.findByText('Una clave tiene al menos 8 caracteres.')).toBeVisible();
  expect(saved).toEqual([]);
});

test('a key that the provider refuses is told in the dialog, which keeps it', async () => {
  server.use(http.put('/providers/{provider}/key', refuses(422, 'provider_key_invalid')));
  const { user, dialog } = await openKeyDialog();

  await user.type(dialog.getByLabelText('Clave de API'), `${KEY}{Enter}`);

  expect(await dialog.findByRole('alert')).toHaveTextContent('OpenAI ha rechazado esta clave');
  expect(dialog.getByLabelText('Clave de API')).toHaveValue(KEY);
});

test('a key that cannot be checked may be saved without', async () => {
  server.use(http.put('/providers/{provider}/key', refuses(503, 'provider_unreachable'), { once: true }));
  const { user, dialog } = await openKeyDialog();

  await user.type(dialog.getByLabelText('Clave de API'), `${KEY}{Enter}`);
  await user.click(await dialog.findByRole('button', { name: 'Guardar sin comprobar' }));

  expect(await screen.findByText('Tu clave ····6789')).toBeVisible();
  expect(asked.map(({ search }) => search)).toEqual(['?unchecked=true']);
});

test('an own key is removed after asking', async () => {
  set('openai', { configured: true, source: 'own', key_last4: '1234' });
  server.use(
    http.delete('/providers/{provider}/key', ({ response }) => {
      set('openai', { configured: false, source: null, key_last4: null });
      return response(204).empty();
    }),
  );
  const { user } = renderAt('/providers');

  await user.click(await screen.findByRole('button', { name: 'Quitar la clave de OpenAI' }));
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Quitar clave' }));

  expect(await screen.findByRole('button', { name: 'Añadir clave de OpenAI' })).toBeVisible();
});

test('the catalog is searched and sorted, an unknown price last', async () => {
  const { user } = renderAt('/providers');
  const table = await screen.findByRole('table', { name: 'Modelos y precios' });
  const rows = () =>
    within(table)
      .getAllByRole('rowheader')
      .map(({ textContent }) => textContent);

  await user.type(screen.getByRole('searchbox', { name: 'Buscar modelo' }), 'GPT');
  await user.click(within(table).getByRole('button', { name: 'Entrada' }));

  expect(rows()).toEqual(['gpt-5-nano', 'gpt-4o', 'gpt-nuevo']);
  expect(within(table).getByRole('columnheader', { name: 'Entrada' })).toHaveAttribute('aria-sort', 'ascending');
  expect(within(table).getAllByText('Desconocido')).toHaveLength(2);
});

test('a search without matches says so and can be cleared', async () => {
  const { user } = renderAt('/providers');

  await user.type(await screen.findByRole('searchbox'), 'nada');
  await user.click(await screen.findByRole('button', { name: 'Borrar búsqueda' }));

  await waitFor(() => expect(screen.getByRole('table')).toBeVisible());
});

test('providers that cannot be loaded can be asked for again', async () => {
  server.use(http.get('/providers/', refuses(503, 'database_unavailable'), { once: true }));
  const { user } = renderAt('/providers');

  await user.click(await screen.findByRole('button', { name: 'Reintentar' }));

  expect(await screen.findByRole('button', { name: 'Añadir clave de OpenAI' })).toBeVisible();
});

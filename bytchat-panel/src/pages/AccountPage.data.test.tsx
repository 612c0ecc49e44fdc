import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http as plainHttp } from 'msw';
import { beforeEach, expect, test, vi } from 'vitest';
import { useAccountExport } from '@/store/accountExport';
import { aQuota } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const quotas = () => screen.findByRole('list', { name: 'Uso y límites' });
const EXPORT = '*/users/me/export';

/** What the browser was given to save. */
const saved: { name: string; text: Promise<string> }[] = [];

beforeEach(() => {
  saved.length = 0;
  useAccountExport.setState({ state: { status: 'idle' } });
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([])),
    http.get('/users/me/sessions', ({ response }) => response(200).json([])),
  );
  let last: Blob = new Blob();
  URL.createObjectURL = (file) => {
    last = file as Blob;
    return 'blob:x';
  };
  URL.revokeObjectURL = () => {};
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, text: last.text() });
  });
});

test('every quota says what is used, of how much, and when it is whole again', async () => {
  const resets_at = new Date(Date.now() + 5 * 3_600_000 + 60_000).toISOString();
  server.use(
    http.get('/users/me/quotas', ({ response }) =>
      response(200).json([
        aQuota({ quota: 'bots', used: 2, limit: 100 }),
        aQuota({ quota: 'documents', used: 850, limit: 1000 }),
        aQuota({ quota: 'stored_bytes', used: 1024 ** 3, limit: 1024 ** 3 }),
        aQuota({ quota: 'tokens_per_day', used: 12_345, limit: null }),
        aQuota({ quota: 'server_keys_usd_per_day', used: 0.5, limit: 2, resets_at }),
      ]),
    ),
  );
  renderAt('/account');

  const [bots, documents, bytes, tokens, money] = within(await quotas()).getAllByRole('listitem');

  expect(bots).toHaveTextContent(/^Bots2 de 100$/);
  expect(documents).toHaveTextContent(/850 de 1000.*Casi lleno.*Borrar hace sitio/);
  expect(bytes).toHaveTextContent(/1024 MB de 1024 MB.*Lleno/);
  expect(tokens).toHaveTextContent(/12\.345 · sin límite$/);
  expect(money).toHaveTextContent(/0,50.*de 2,00.*Vuelve a cero dentro de 5 horas/);
});

test('quotas that do not come are said, with a way to ask again', async () => {
  server.use(http.get('/users/me/quotas', refuses(500, 'internal_error')));
  const { user } = renderAt('/account');
  const section = within(await screen.findByRole('region', { name: 'Uso y límites' }));
  const again = await section.findByRole('button', { name: 'Reintentar' });
  server.use(http.get('/users/me/quotas', ({ response }) => response(200).json([aQuota()])));

  await user.click(again);

  expect(await quotas()).toHaveTextContent('2 de 100');
});

test('the export is saved under the name that the API gives it', async () => {
  server.use(
    plainHttp.get(EXPORT, ({ request }) => {
      if (request.headers.get('Authorization') !== 'Bearer a-token') return new HttpResponse(null, { status: 401 });
      const headers = { 'Content-Disposition': 'attachment; filename="bytchat-2026-03-01.json"' };
      return HttpResponse.json({ format: 'bytchat-export' }, { headers });
    }),
  );
  const { user } = renderAt('/account');

  await user.click(await screen.findByRole('button', { name: 'Descargar mis datos' }));

  expect(await screen.findByText(/^Descargado/)).toBeVisible();
  expect(saved.map(({ name }) => name)).toEqual(['bytchat-2026-03-01.json']);
  expect(JSON.parse((await saved[0]?.text) ?? '')).toEqual({ format: 'bytchat-export' });
});

test('while the export is made it is said, and asked for once', async () => {
  let asked = 0;
  let finish = () => {};
  const made = new Promise<void>((resolve) => {
    finish = resolve;
  });
  server.use(
    plainHttp.get(EXPORT, async () => {
      asked += 1;
      await made;
      return HttpResponse.json({});
    }),
  );
  const { user } = renderAt('/account');
  const button = await screen.findByRole('button', { name: 'Descargar mis datos' });

  await user.click(button);
  expect(await screen.findByText('Preparando el archivo…')).toBeVisible();
  await user.click(button);
  finish();

  expect(await screen.findByText(/^Descargado/)).toBeVisible();
  expect(asked).toBe(1);
});

test('an export that is refused says why, and saves nothing', async () => {
  const headers = { 'Retry-After': '30' };
  server.use(http.get('/users/me/export', refuses(429, 'export_under_way', { headers })));
  const { user } = renderAt('/account');

  await user.click(await screen.findByRole('button', { name: 'Descargar mis datos' }));

  expect(await screen.findByText(/^Ya se está preparando o enviando una copia.*dentro de 30 s\.$/)).toBeVisible();
  expect(saved).toEqual([]);
});

test('a token that the export refuses ends the session', async () => {
  server.use(http.get('/users/me/export', refuses(401, 'not_authenticated')));
  const { user, router } = renderAt('/account');

  await user.click(await screen.findByRole('button', { name: 'Descargar mis datos' }));

  await waitFor(() => expect(router.state.location.pathname).toBe('/login'));
});

test('who deletes the account is offered the export first', async () => {
  server.use(plainHttp.get(EXPORT, () => HttpResponse.json({})));
  const { user } = renderAt('/account');
  await user.click(await screen.findByRole('button', { name: 'Borrar la cuenta…' }));
  const dialog = within(screen.getByRole('dialog', { name: '¿Borrar tu cuenta?' }));

  expect(dialog.getByText(/bots.*documentos.*conversaciones.*claves.*sesiones/)).toBeVisible();
  await user.click(dialog.getByRole('button', { name: 'Descargar mis datos' }));

  await waitFor(() => expect(saved).toHaveLength(1));
});

test('where there is no room for another bot the page and the dialog say so', async () => {
  server.use(http.get('/users/me/quotas', ({ response }) => response(200).json([aQuota({ used: 3, limit: 3 })])));
  const { user } = renderAt('/bots');
  const words = /Has llegado al límite de 3 bots\. Borra alguno para crear otro\./;
  expect(await screen.findByText(words)).toBeVisible();

  await user.click(await screen.findByRole('button', { name: 'Nuevo bot' }));

  expect(await within(await screen.findByRole('dialog', { name: 'Nuevo bot' })).findByText(words)).toBeVisible();
});

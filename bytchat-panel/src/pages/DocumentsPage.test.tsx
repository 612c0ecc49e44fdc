import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http as plainHttp } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { useUploads } from '@/store/uploads';
import { aBot, aDocument } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, server } from '@/tests/server';
import { Progress, serveBot } from '@/tests/training';

beforeEach(() => useUploads.getState().clear());

function pageOf(bot: { id: string }): string {
  return `/bots/${bot.id}/documents`;
}

async function documentRow(name: string): Promise<HTMLElement> {
  const link = await screen.findByRole('link', { name });
  const row = link.closest('li');
  if (!row) throw new Error(`${name} is in no list.`);
  return row;
}

const problem = (status: number, code: string) =>
  HttpResponse.json({ type: 'x', title: 'x', status, detail: 'x', code }, { status });

test('a bot without documents offers the sample handbook, which one click uploads', async () => {
  const queued = aDocument({ status: 'queued', searchable: false });
  const bot = serveBot([]);
  new Progress();
  let uploaded = '';
  server.use(
    plainHttp.get('*/tienda.es.txt', () => HttpResponse.text('El manual.')),
    http.post('/bots/{bot_id}/train', async ({ request, response }) => {
      uploaded = await request.text();
      return response(202).json(queued);
    }),
  );
  const { user } = renderAt(pageOf(bot));

  await user.click(await screen.findByRole('button', { name: 'Usa el manual de ejemplo' }));

  expect(within(await documentRow('tienda.es.txt')).getByText('En cola')).toBeVisible();
  // What is in it only a browser sends for sure: Node 24 and jsdom know each other's files no more.
  expect(uploaded).toContain('name="file"');
});

test('a sample that does not come says so, and can be asked for again', async () => {
  const bot = serveBot([]);
  server.use(plainHttp.get('*/tienda.es.txt', () => HttpResponse.error()));
  const { user } = renderAt(pageOf(bot));

  await user.click(await screen.findByRole('button', { name: 'Usa el manual de ejemplo' }));

  expect(await screen.findByRole('alert')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Usa el manual de ejemplo' })).toBeEnabled();
});

test('a list that does not come is said, with a way to ask again', async () => {
  const bot = serveBot();
  server.use(
    http.get('/bots/{bot_id}/documents/', ({ response }) => response.untyped(problem(503, 'unavailable'))),
  );
  const { user } = renderAt(pageOf(bot));
  await screen.findByRole('alert');

  serveBot([aDocument()], bot);
  await user.click(screen.getByRole('button', { name: 'Reintentar' }));

  expect(await documentRow('tienda.es.txt')).toBeVisible();
});

test('training is shown as it happens, also to whoever has just opened the page', async () => {
  const reading = aDocument({ status: 'processing', searchable: false, chunks: 0, chunks_embedded: 0 });
  const bot = serveBot([reading]);
  const progress = new Progress();
  renderAt(pageOf(bot));
  expect(within(await documentRow('tienda.es.txt')).getByText('Leyendo…')).toBeVisible();

  await progress.tell({ ...reading, searchable: true, chunks: 161, chunks_embedded: 34 });

  expect(await screen.findByText('Ya se puede preguntar')).toBeVisible();
  expect(screen.getByText('Afinando la búsqueda 34/161')).toBeVisible();
  expect(screen.getByRole('progressbar', { name: 'Afinando la búsqueda en tienda.es.txt' })).toHaveAttribute(
    'aria-valuenow',
    '34',
  );
  expect(screen.getByRole('link', { name: 'Preguntar' })).toHaveAttribute('href', `/bots/${bot.id}/chat`);
  const ready = { ...reading, status: 'ready' as const, searchable: true, chunks: 161, chunks_embedded: 161 };
  serveBot([ready], bot);
  await progress.tell(ready);
  progress.finish();
  expect(await screen.findByText('Listo')).toBeVisible();
  expect(progress.opened).toBe(1);
});

test('a stream that breaks off is opened again', async () => {
  const queued = aDocument({ status: 'queued', searchable: false });
  const bot = serveBot([queued]);
  const progress = new Progress();
  renderAt(pageOf(bot));
  await progress.tell({ ...queued, status: 'processing' });
  await screen.findByText('Leyendo…');

  serveBot([{ ...queued, status: 'processing' }], bot);
  progress.breakOff();

  await waitFor(() => expect(progress.opened).toBe(2), { timeout: 3000 });
  await progress.tell({ ...queued, status: 'processing', searchable: true });
  expect(await screen.findByText('Ya se puede preguntar')).toBeVisible();
});

test('where nothing is in training no stream is opened', async () => {
  const bot = serveBot([aDocument()]);
  const progress = new Progress();

  renderAt(pageOf(bot));

  await screen.findByText('Listo');
  expect(progress.opened).toBe(0);
});

test('files that cannot be taken stay in the list with their reason until they are taken away', async () => {
  const bot = serveBot([aDocument()]);
  const { user } = renderAt(pageOf(bot));
  await documentRow('tienda.es.txt');

  // As if dropped: a chooser would not offer them.
  const input = screen.getByLabelText('Elegir archivos', { selector: 'input' });
  const { default: userEvent } = await import('@testing-library/user-event');
  await userEvent
    .setup({ applyAccept: false })
    .upload(input, [new File(['x'], 'catalogo.pdf'), new File([], 'vacio.txt')]);

  const uploads = await screen.findByRole('list', { name: 'Subidas' });
  expect(within(uploads).getByText('catalogo.pdf')).toBeVisible();
  expect(within(uploads).getAllByRole('alert')).toHaveLength(2);
  await user.click(screen.getByRole('button', { name: 'Quitar catalogo.pdf de la lista' }));
  await user.click(screen.getByRole('button', { name: 'Quitar vacio.txt de la lista' }));
  expect(screen.queryByRole('list', { name: 'Subidas' })).not.toBeInTheDocument();
});

test('files dropped anywhere on the page are uploaded', async () => {
  const bot = serveBot([aDocument()]);
  new Progress();
  const queued = aDocument({ filename: 'nuevo.txt', status: 'queued', searchable: false });
  server.use(http.post('/bots/{bot_id}/train', ({ response }) => response(202).json(queued)));
  renderAt(pageOf(bot));
  await documentRow('tienda.es.txt');
  const dataTransfer = { types: ['Files'], files: [new File(['hola'], 'nuevo.txt')] };

  fireEvent.dragOver(document.body, { dataTransfer });
  expect(screen.getByText('Suéltalos para subirlos')).toBeVisible();
  fireEvent.drop(document.body, { dataTransfer });

  expect(within(await documentRow('nuevo.txt')).getByText('En cola')).toBeVisible();
  expect(screen.getByText('Suelta aquí tus documentos')).toBeVisible();
});

test('a document is deleted at once when that is confirmed', async () => {
  const document = aDocument();
  const bot = serveBot([document]);
  server.use(
    http.delete('/bots/{bot_id}/documents/{document_id}', ({ response }) => {
      serveBot([], bot);
      return response(204).empty();
    }),
  );
  const { user } = renderAt(pageOf(bot));
  await documentRow('tienda.es.txt');

  await user.click(screen.getByRole('button', { name: 'Borrar tienda.es.txt' }));
  await user.click(screen.getByRole('button', { name: 'Borrar documento' }));

  expect(await screen.findByText('«tienda.es.txt» borrado.')).toBeVisible();
  expect(screen.queryByRole('link', { name: 'tienda.es.txt' })).not.toBeInTheDocument();
});

test('a document that could not be deleted is back, and the reason is said', async () => {
  const bot = serveBot([aDocument()]);
  server.use(
    http.delete('/bots/{bot_id}/documents/{document_id}', ({ response }) =>
      response.untyped(problem(503, 'unavailable')),
    ),
  );
  const { user } = renderAt(pageOf(bot));
  await documentRow('tienda.es.txt');

  await user.click(screen.getByRole('button', { name: 'Borrar tienda.es.txt' }));
  await user.click(screen.getByRole('button', { name: 'Borrar documento' }));

  expect(await screen.findByText(/^tienda\.es\.txt: /)).toBeVisible();
  expect(await documentRow('tienda.es.txt')).toBeVisible();
});

test.each([
  ['provider_key_missing', 'Falta la clave'],
  ['provider_key_invalid', 'ha rechazado la clave'],
  ['quota_exceeded', 'Se ha agotado el saldo'],
] as const)('a document whose vectors fail for %s says so, and that its words are found', async (error, words) => {
  renderAt(pageOf(serveBot([aDocument({ status: 'failed', error, searchable: true })])));

  const row = within(await documentRow('tienda.es.txt'));
  expect(row.getByText(new RegExp(`${words}.*Sus palabras sí se encuentran`))).toBeVisible();
  expect(row.queryAllByRole('link', { name: 'Revisar las claves' })).toHaveLength(
    error === 'quota_exceeded' ? 0 : 1,
  );
});

test('a document that failed says why and can be tried again', async () => {
  const failed = aDocument({ status: 'failed', error: 'too_many_attempts', searchable: false });
  const bot = serveBot([failed], aBot());
  new Progress();
  server.use(
    http.post('/bots/{bot_id}/documents/{document_id}/retry', ({ response }) =>
      response(202).json({ ...failed, status: 'queued', error: null }),
    ),
  );
  const { user } = renderAt(pageOf(bot));
  expect(within(await documentRow('tienda.es.txt')).getByText(/varios intentos/)).toBeVisible();

  await user.click(screen.getByRole('button', { name: 'Reintentar tienda.es.txt' }));

  expect(await screen.findByText('En cola')).toBeVisible();
});

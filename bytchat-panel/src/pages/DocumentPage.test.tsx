import { screen, waitFor } from '@testing-library/react';
import { HttpResponse, http as plainHttp } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { aDocument } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { API, http, server } from '@/tests/server';
import { giveElementsRoom, serveBot } from '@/tests/training';

beforeEach(giveElementsRoom);

const TEXT = `${'😀 Un párrafo de la tienda.\n'.repeat(400)}El candado Cancela cuesta 64,90 €.\n${'Más texto.\n'.repeat(400)}`;
const QUOTE = 'El candado Cancela cuesta 64,90 €.';
// As Python counts: by code point.
const START = [...TEXT.slice(0, TEXT.indexOf(QUOTE))].length;

function serveDocument(text = TEXT) {
  const document = aDocument({ filename: 'manual.txt' });
  const bot = serveBot([document]);
  server.use(
    http.get('/bots/{bot_id}/documents/{document_id}', ({ response }) => response(200).json(document)),
    plainHttp.get(`${API}/bots/:bot/documents/:document/text`, () => HttpResponse.text(text)),
  );
  return `/bots/${bot.id}/documents/${document.id}`;
}

function marked(view: HTMLElement, selector: string): string {
  return [...view.querySelectorAll(selector)].map((mark) => mark.textContent).join('');
}

test('the document opens at the passage, and what is marked is the quote', async () => {
  const { container } = renderAt(`${serveDocument()}?start=${START}&end=${START + [...QUOTE].length}`);

  expect(await screen.findByRole('heading', { level: 1, name: 'manual.txt' })).toBeVisible();
  await waitFor(() => expect(marked(container, 'mark[data-passage]')).toBe(QUOTE));
});

test('the text can be scrolled by the keyboard and is called by its name', async () => {
  renderAt(serveDocument());

  const region = await screen.findByRole('region', { name: 'Texto de manual.txt' });

  expect(region).toHaveAttribute('tabindex', '0');
  expect(region).toHaveTextContent('Un párrafo de la tienda.');
});

test('the search goes from match to match, and Escape ends it', async () => {
  const { user, container } = renderAt(serveDocument('Uno dos.\nUNO más.\nuno y ya.\n'));

  const box = await screen.findByRole('textbox', { name: 'Buscar en el documento' });
  await user.keyboard('{Control>}f{/Control}');
  expect(box).toHaveFocus();
  await user.keyboard('uno');

  expect(await screen.findByText('1 de 3')).toBeVisible();
  await user.keyboard('{Enter}');
  expect(await screen.findByText('2 de 3')).toBeVisible();
  await waitFor(() => expect(marked(container, 'mark.bg-accent')).toBe('UNO'));
  await user.click(screen.getByRole('button', { name: 'Resultado anterior' }));
  await user.click(screen.getByRole('button', { name: 'Resultado anterior' }));
  expect(await screen.findByText('3 de 3')).toBeVisible();
  await user.type(screen.getByRole('textbox'), 'xyz');
  expect(await screen.findByText('Sin resultados')).toBeVisible();
  await user.keyboard('{Escape}');
  expect(screen.getByRole('textbox')).toHaveValue('');
  expect(container.querySelector('mark')).toBeNull();
});

test('a text that does not come is said, with a way to ask again', async () => {
  const path = serveDocument();
  server.use(plainHttp.get(`${API}/bots/:bot/documents/:document/text`, () => HttpResponse.error()));
  const { user } = renderAt(path);
  await screen.findByRole('alert');

  server.use(plainHttp.get(`${API}/bots/:bot/documents/:document/text`, () => HttpResponse.text('Ya está.')));
  await user.click(screen.getByRole('button', { name: 'Reintentar' }));

  expect(await screen.findByText('Ya está.')).toBeVisible();
});

test('a document that is gone is said to be gone', async () => {
  const bot = serveBot();
  const body = { type: 'x', title: 'x', status: 404, detail: 'x', code: 'document_not_found' };
  server.use(
    http.get('/bots/{bot_id}/documents/{document_id}', ({ response }) => response(404).json(body as never)),
  );

  renderAt(`/bots/${bot.id}/documents/01955000-0000-7000-8000-00000000ffff`);

  expect(await screen.findByRole('heading', { name: 'Este documento ya no existe' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Ver los documentos' })).toHaveAttribute(
    'href',
    `/bots/${bot.id}/documents`,
  );
});

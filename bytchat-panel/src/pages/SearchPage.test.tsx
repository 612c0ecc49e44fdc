import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http as plainHttp } from 'msw';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Bot, Found, FoundPassage } from '@/api/types';
import { SAMPLES } from '@/lib/sample';
import { trySearch } from '@/lib/trySearch';
import { aBot, aDocument } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { API, http, refuses, server } from '@/tests/server';
import { giveElementsRoom, serveBot } from '@/tests/training';

const field = () => screen.findByRole('searchbox', { name: 'Pregunta que se busca' });
const passages = async () =>
  within(await screen.findByRole('list', { name: 'Pasajes encontrados' })).getAllByRole('listitem');

const aFoundPassage = (given: Partial<FoundPassage> = {}): FoundPassage => ({
  document_id: '01955000-0000-7000-8000-00000000d001',
  filename: 'tienda.es.txt',
  start: 0,
  end: 24,
  text: 'La Molinera cuesta 729 €.',
  heading: 'Bicicletas › Plegables',
  bm25: 7.25,
  vector: 0.871,
  score: 1,
  ...given,
});

let asked: { query: string; limit: number }[] = [];

beforeAll(() => import('./SearchPage'));

beforeEach(() => {
  asked = [];
  giveElementsRoom();
});

function finds(found: Partial<Found> = {}): void {
  server.use(
    http.post('/bots/{bot_id}/search', async ({ request, response }) => {
      asked.push(await request.json());
      return response(200).json({ passages: [aFoundPassage()], confidence: 0.72, ...found });
    }),
  );
}

function openSearch(bot: Bot = serveBot([aDocument()])) {
  return { bot, ...renderAt(trySearch(bot.id).to) };
}

test('before a question nothing is asked, and a bot with the handbook suggests some', async () => {
  finds();
  const { user } = openSearch(serveBot([aDocument({ filename: 'tienda.es.txt', characters: 1 })]));

  expect(await screen.findByRole('heading', { name: 'Busca como lo haría el bot' })).toBeVisible();
  await user.type(await field(), '   {Enter}');
  expect(asked).toEqual([]);
});

test('of two handbooks the questions are those of the panel’s language, whichever is newer', async () => {
  openSearch(serveBot([aDocument(SAMPLES.en), aDocument(SAMPLES.es)]));

  const suggested = within(await screen.findByRole('list', { name: 'Preguntas sugeridas' }));
  expect(suggested.getByText('¿Cuánto cuesta la bicicleta plegable Molinera?')).toBeVisible();
  expect(suggested.queryByText(/How much/)).not.toBeInTheDocument();
});

test('a passage is shown from the code that was asked for, and the code is marked', async () => {
  const before = Array.from({ length: 12 }, (_, i) => `- La bicicleta ${i} tiene cesta y luces.`).join('\n');
  finds({ passages: [aFoundPassage({ text: `${before}\n- El casco Brisa (SKU-20.301) cuesta 39,90 €.` })] });
  const { user } = openSearch();

  await user.type(await field(), 'sku20301{Enter}');
  const [first] = await passages();

  expect(first).toHaveTextContent('… - El casco Brisa (SKU-20.301)');
  expect(first?.querySelector('mark')).toHaveTextContent(/^SKU-20\.301$/);
});

test('a bot without documents says what it needs', async () => {
  openSearch(serveBot([]));

  expect(await screen.findByRole('heading', { name: 'Este bot aún no sabe nada' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Subir documentos' })).toBeVisible();
});

test('the passages are shown with their figures and the words that they share with the question', async () => {
  finds({
    passages: [
      aFoundPassage(),
      aFoundPassage({ start: 30, end: 60, text: 'Otra cosa.', vector: null, score: 0.4 }),
    ],
  });
  const { user } = openSearch();

  await user.type(await field(), '¿Cuánto cuesta la Molinera?{Enter}');
  const [first, second] = await passages();

  expect(first).toHaveTextContent('Bicicletas › Plegables');
  expect(first?.querySelectorAll('mark')).toHaveLength(2);
  expect(first).toHaveTextContent(/Puntuación1,00.*Palabras7,3.*Significado0,87/);
  expect(second).toHaveTextContent('Significadoaún no');
  expect(asked).toEqual([{ query: '¿Cuánto cuesta la Molinera?', limit: 10 }]);
});

test('a click opens the document at the passage, and the focus comes back', async () => {
  finds();
  server.use(
    plainHttp.get(`${API}/bots/:bot/documents/:document/text`, () =>
      HttpResponse.text('La Molinera cuesta 729 €.'),
    ),
  );
  const { user } = openSearch();
  await user.type(await field(), 'Molinera{Enter}');
  const open = await screen.findByRole('button', { name: /^Abrir el pasaje 1: tienda\.es\.txt/ });

  await user.click(open);
  const drawer = await screen.findByRole('dialog', { name: 'Pasaje de tienda.es.txt' });
  await waitFor(() => expect(drawer.querySelector('mark')).toHaveTextContent('La Molinera cuesta 729 €'));
  await user.keyboard('{Escape}');

  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(open).toHaveFocus();
});

test.each([
  ['strict', 0.72, 'Con este bot estricto, esta pregunta se respondería'],
  ['strict', 0.31, 'Con este bot estricto, esta pregunta no se respondería'],
  ['open', 0.72, 'Los documentos parecen contener la respuesta'],
  ['open', 0.31, 'Los documentos no parecen contener la respuesta'],
] as const)('what a %s bot makes of a confidence of %d is said in words', async (grounding, confidence, words) => {
  finds({ confidence });
  const { user } = openSearch(serveBot([aDocument()], aBot({ grounding, refusal: 'Pregunta en la tienda.' })));

  await user.type(await field(), 'Molinera{Enter}');

  expect(await screen.findByText(words)).toBeVisible();
  const refuses = grounding === 'strict' && confidence < 0.5;
  expect(screen.queryAllByText('Diría: «Pregunta en la tienda.»')).toHaveLength(refuses ? 1 : 0);
  const whoAnswers =
    /un modelo de lenguaje responde en los dos casos; el local «extractive», solo si llega al mínimo/;
  expect(screen.queryAllByText(whoAnswers)).toHaveLength(grounding === 'open' ? 1 : 0);
});

test('a search that finds nothing says so, and one that fails can be tried again', async () => {
  server.use(http.post('/bots/{bot_id}/search', refuses(409, 'conflict'), { once: true }));
  const { user } = openSearch();
  await user.type(await field(), 'xyz{Enter}');
  await screen.findByRole('alert');

  finds({ passages: [], confidence: 0 });
  await user.click(screen.getByRole('button', { name: 'Reintentar' }));

  expect(await screen.findByRole('heading', { name: 'No ha encontrado nada' })).toBeVisible();
});

test('more passages of the same question are asked for without emptying the page', async () => {
  finds();
  const { user } = openSearch();
  await user.type(await field(), 'Molinera{Enter}');
  await passages();

  await user.selectOptions(screen.getByRole('combobox', { name: 'Cuántos pasajes' }), '50');
  expect(screen.getByRole('list', { name: 'Pasajes encontrados' })).toBeVisible();

  await waitFor(() => expect(asked.at(-1)).toEqual({ query: 'Molinera', limit: 50 }));
});

test('the question stays out of the address, and going back brings the one before', async () => {
  finds();
  const { user, router, bot } = openSearch();
  await user.type(await field(), 'uno{Enter}');
  await passages();
  await user.clear(await field());
  await user.type(await field(), 'dos{Enter}');
  await waitFor(() => expect(asked).toHaveLength(2));

  await router.navigate(-1);

  await waitFor(async () => expect(await field()).toHaveValue('uno'));
  expect(router.state.location).toMatchObject({ pathname: `/bots/${bot.id}/documents/search`, search: '' });
});

// Where a bot's answers come from, and which model finds its passages.
import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Bot, BotChange, EmbeddingChange } from '@/api/types';
import { keys } from '@/queries/keys';
import { useAnnouncer } from '@/store/announcer';
import { aBot, aDocument, aProvider } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';
import { serveBot } from '@/tests/training';

const score = () => screen.findByRole('spinbutton', { name: 'Confianza mínima' });
const slider = () => screen.findByRole('slider');
const strict = () => screen.findByRole('radio', { name: 'Estricto' });
const save = () => screen.getByRole('button', { name: 'Guardar cambios' });

let sent: BotChange[] = [];

beforeAll(() => import('./BotSettingsPage'));

beforeEach(() => {
  sent = [];
  server.use(
    http.get('/providers/', ({ response }) =>
      response(200).json([
        aProvider({ provider: 'openai', configured: true, source: 'own', key_last4: 'ab12' }),
        aProvider({ provider: 'google' }),
        aProvider({ provider: 'local', needs_key: false, configured: true }),
      ]),
    ),
  );
});

/** The API keeps what it is told. */
function serve(
  given: Partial<Bot> = {},
  onPut: (bot: Bot, change: BotChange) => Partial<Bot> = (_, change) => change as Partial<Bot>,
): Bot {
  let bot = aBot(given);
  serveBot([aDocument(), aDocument()], bot);
  server.use(
    http.get('/bots/{bot_id}', ({ response }) => response(200).json(bot)),
    http.put('/bots/{bot_id}', async ({ request, response }) => {
      const change = await request.json();
      sent.push(change);
      bot = { ...bot, ...onPut(bot, change) };
      return response(200).json(bot);
    }),
  );
  return bot;
}

const open = (bot: Bot) => renderAt(`/bots/${bot.id}/settings`);

test('the least confidence is asked of every bot, and what it does there is said', async () => {
  const { user } = open(serve());
  expect(await screen.findByRole('radio', { name: 'Abierto' })).toBeChecked();
  expect(await score()).toHaveValue(0.5);
  expect(
    screen.getByText(/Abierto: solo frena al modelo local «extractive», que por debajo no responde/),
  ).toBeVisible();
  expect(screen.getByText('más bajo: responde más, y se equivoca más')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Mira la confianza de preguntas reales' })).toBeVisible();
  expect(screen.queryByLabelText(/^Qué dice entonces/)).not.toBeInTheDocument();

  await user.click(await strict());

  expect(await slider()).toHaveValue('0.5');
  expect(screen.getByText(/Estricto: por debajo no se llama a ningún modelo/)).toBeVisible();
  expect(screen.queryByText(/extractive/)).not.toBeInTheDocument();
});

test('the least confidence of an open bot is saved alone', async () => {
  const { user } = open(serve());

  await user.clear(await score());
  await user.type(await score(), '0.2');
  await user.click(save());

  await waitFor(() => expect(save()).toBeDisabled());
  expect(sent).toEqual([{ min_score: 0.2 }]);
});

test('what a strict bot says without a sentence of its own is told beside the field, whatever is typed', async () => {
  const { user } = open(serve({ grounding: 'strict' }));

  await user.type(await screen.findByLabelText(/^Qué dice entonces/), 'Pregunta en la tienda.');

  const house = 'No encuentro la respuesta en los documentos de este bot.';
  expect(screen.getByText(`Si la dejas vacía: «${house}», en el idioma de la pregunta.`)).toBeVisible();
});

test('the settings of a strict bot are saved with the other fields, only those that changed', async () => {
  const { user } = open(serve());

  await user.click(await strict());
  await user.clear(await score());
  await user.type(await score(), '0.65');
  expect(await slider()).toHaveValue('0.65');
  await user.type(await screen.findByLabelText(/^Qué dice entonces/), 'Pregunta en la tienda.');
  await user.click(save());

  await waitFor(() => expect(save()).toBeDisabled());
  expect(sent).toEqual([{ grounding: 'strict', min_score: 0.65, refusal: 'Pregunta en la tienda.' }]);
});

test('a confidence that is none is said and not sent, also once the bot is open again', async () => {
  const { user } = open(serve({ grounding: 'strict' }));

  await user.clear(await score());
  await user.click(save());
  expect(await screen.findByText('Escribe un número entre 0 y 1.')).toBeVisible();
  await user.click(screen.getByRole('radio', { name: 'Abierto' }));

  expect(await score()).toBeVisible();
  expect(sent).toEqual([]);
});

test('a score that the API keeps with half the digits is not a change', async () => {
  open(serve({ grounding: 'strict', min_score: 0.550000011920929 }));

  expect(await score()).toHaveValue(0.55);
  expect(save()).toBeDisabled();
});

test('a model without a key leads to the keys; one with a key asks first, and says what it does and costs', async () => {
  const change: EmbeddingChange = { embedding_model: 'openai', chunks: 322, chunks_embedded: 40, error: null };
  const { user } = open(serve({}, () => ({ embedding_change: change })));
  expect(await screen.findByRole('link', { name: 'Añadir clave de Google' })).toHaveAttribute('href', '/providers');

  await user.click(await screen.findByRole('button', { name: 'Usar OpenAI para buscar' }));
  const dialog = within(await screen.findByRole('dialog', { name: '¿Buscar con OpenAI?' }));
  expect(dialog.getByText(/vectores de 2 documentos; mientras tanto/)).toBeVisible();
  expect(dialog.getByText(/se enviarán a OpenAI.*cuesta menos de 0,01/)).toBeVisible();
  expect(sent).toEqual([]);
  await user.click(dialog.getByRole('button', { name: 'Cambiar de modelo' }));

  expect(await screen.findByText('40 de 322 pasajes')).toBeVisible();
  expect(sent).toEqual([{ embedding_model: 'openai' }]);
  await user.click(screen.getByRole('button', { name: 'Cancelar' }));
  await waitFor(() => expect(sent.at(-1)).toEqual({ embedding_model: 'local' }));
});

test('a change is followed until it is done, and its end is said', async () => {
  const change = { embedding_model: 'openai', chunks: 10, chunks_embedded: 9, error: null } as const;
  const bot = serve({ embedding_change: change });
  open(bot);
  await screen.findByText('9 de 10 pasajes');

  serveBot([aDocument()], { ...bot, embedding_model: 'openai', embedding_change: null });

  await waitFor(() => expect(screen.queryByText('9 de 10 pasajes')).toBeNull(), { timeout: 5_000 });
  expect(useAnnouncer.getState().said?.text).toBe('El bot ya busca con OpenAI.');
});

test('a change that was given up says why, and can be tried again', async () => {
  const change = { embedding_model: 'google', chunks: 9, chunks_embedded: 1, error: null } as const;
  const bot = serve({ embedding_change: change }, () => ({ embedding_change: null }));
  const { user, client } = open(bot);
  await screen.findByText('1 de 9 pasajes');

  const error = 'provider_key_invalid';
  client.setQueryData<Bot>(keys.bot(bot.id), {
    ...bot,
    embedding_change: { embedding_model: null, chunks: 0, chunks_embedded: 0, error },
  });
  const alert = within(await screen.findByRole('alert'));
  expect(alert.getByText(/ha rechazado la clave.*sigue buscando con Local/)).toBeVisible();
  await user.click(alert.getByRole('button', { name: 'Reintentar' }));

  await waitFor(() => expect(sent).toEqual([{ embedding_model: 'google' }]));
});

test('a refused change is said in its dialog', async () => {
  const bot = serve();
  server.use(http.put('/bots/{bot_id}', refuses(503, 'database_unavailable')));
  const { user } = open(bot);

  await user.click(await screen.findByRole('button', { name: 'Usar OpenAI para buscar' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.click(dialog.getByRole('button', { name: 'Cambiar de modelo' }));

  expect(await dialog.findByRole('alert')).toBeVisible();
});

test('of a change that was given up before, the reason is told and the list is the way', async () => {
  const change = { embedding_model: null, chunks: 0, chunks_embedded: 0, error: 'quota_exceeded' };
  const { user } = open(serve({ embedding_change: change }, () => ({ embedding_change: null })));

  const alert = within(await screen.findByRole('alert'));
  expect(alert.queryByRole('button', { name: 'Reintentar' })).not.toBeInTheDocument();
  expect(await screen.findByRole('button', { name: 'Usar OpenAI para buscar' })).toBeVisible();
  await user.click(alert.getByRole('button', { name: 'Descartar' }));

  await waitFor(() => expect(sent).toEqual([{ embedding_model: 'local' }]));
});

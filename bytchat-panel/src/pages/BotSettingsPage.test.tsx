import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Bot, BotChange } from '@/api/types';
import { keys } from '@/queries/keys';
import { aBot } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const bot = aBot({ name: 'Tornavía', description: 'La tienda', system_prompt: 'Sé breve.' });
const other = aBot({ name: 'Otro' });
const at = `/bots/${bot.id}/settings`;

const nameField = () => screen.findByLabelText('Nombre');
const prompt = () => screen.findByLabelText(/^Instrucciones/);
const save = () => screen.getByRole('button', { name: 'Guardar cambios' });

let sent: BotChange[] = [];

// The first load of a page is slow on a busy machine.
beforeAll(() => Promise.all([import('./BotSettingsPage'), import('./BotsPage'), import('./DocumentsPage')]));

beforeEach(() => {
  sent = [];
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([bot, other])),
    http.get('/bots/{bot_id}', ({ response }) => response(200).json(bot)),
    http.get('/bots/{bot_id}/documents/', ({ response }) => response(200).json([])),
    http.get('/providers/', ({ response }) => response(200).json([])),
    http.put('/bots/{bot_id}', async ({ request, response }) => {
      const change = await request.json();
      sent.push(change);
      return response(200).json({ ...bot, ...change } as Bot);
    }),
  );
});

test('only the field that changed is sent, and then all is saved', async () => {
  const { user } = renderAt(at);
  expect(await screen.findByText('Guardado')).toBeVisible();

  await user.type(await prompt(), ' Y amable.');
  expect(screen.getByText('Cambios sin guardar')).toBeVisible();
  await user.click(save());

  await waitFor(() => expect(save()).toBeDisabled());
  expect(sent).toEqual([{ system_prompt: 'Sé breve. Y amable.' }]);
  expect(await prompt()).toHaveValue('Sé breve. Y amable.');
});

test('a refused change is said there, what was typed stays, and the rest of the panel keeps the old name', async () => {
  server.use(http.put('/bots/{bot_id}', refuses(503, 'database_unavailable')));
  const { user, client } = renderAt(at);

  await user.type(await nameField(), ' dos');
  await user.click(save());

  expect(await screen.findByRole('alert')).toBeVisible();
  expect(await nameField()).toHaveValue('Tornavía dos');
  expect(client.getQueryData<Bot>(keys.bot(bot.id))?.name).toBe('Tornavía');
});

test('what is typed while a change is being saved stays, and is not saved yet', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  server.use(
    http.put('/bots/{bot_id}', async ({ response }) => {
      await gate;
      return response(200).json({ ...bot, name: 'Tornavía dos' });
    }),
  );
  const { user } = renderAt(at);

  await user.type(await nameField(), ' dos');
  await user.click(save());
  await screen.findByText('Guardando…');
  await user.type(await prompt(), ' Y más.');
  open();

  expect(await screen.findByText('Cambios sin guardar')).toBeVisible();
  expect(await nameField()).toHaveValue('Tornavía dos');
  expect(await prompt()).toHaveValue('Sé breve. Y más.');
});

test('restoring brings back what is saved', async () => {
  const { user } = renderAt(at);

  await user.type(await prompt(), ' Nunca.');
  await user.click(screen.getByRole('button', { name: 'Restablecer' }));

  expect(await prompt()).toHaveValue('Sé breve.');
  expect(save()).toBeDisabled();
});

test('the instructions are counted as the API counts them', async () => {
  const { user } = renderAt(at);

  await user.clear(await prompt());
  await user.paste('🚲🚲🚲');

  expect(screen.getByText('3/20.000')).toBeInTheDocument();
});

test('a personality asks before it replaces what somebody wrote', async () => {
  const { user } = renderAt(at);

  await user.click(await screen.findByRole('button', { name: 'Pirata' }));
  const dialog = within(await screen.findByRole('dialog', { name: '¿Cambiar las instrucciones?' }));
  expect(await prompt()).toHaveValue('Sé breve.');
  await user.click(dialog.getByRole('button', { name: 'Sustituir' }));

  expect(await prompt()).toHaveDisplayValue(/viejo pirata/);
});

test('a personality replaces another one without asking', async () => {
  const { user } = renderAt(at);

  await user.clear(await prompt());
  await user.click(screen.getByRole('button', { name: 'Pirata' }));
  await user.click(screen.getByRole('button', { name: 'Formal y breve' }));

  expect(await prompt()).toHaveDisplayValue(/Trata siempre de usted/);
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
});

test('leaving with unsaved changes asks first', async () => {
  const { user, router } = renderAt(at);
  await user.type(await nameField(), '!');

  await user.click(screen.getByRole('link', { name: 'Documentos' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Tienes cambios sin guardar' }));
  await user.click(dialog.getByRole('button', { name: 'Cancelar' }));
  expect(router.state.location.pathname).toBe(at);
  expect(await nameField()).toHaveValue('Tornavía!');

  await user.click(screen.getByRole('link', { name: 'Documentos' }));
  await user.click(await screen.findByRole('button', { name: 'Descartar y salir' }));
  await waitFor(() => expect(router.state.location.pathname).toBe(`/bots/${bot.id}/documents`));
});

test('a bot is deleted only when its name is written, and then it is gone', async () => {
  let isDeleted = false;
  server.use(
    http.get('/bots/', ({ response }) => response(200).json(isDeleted ? [other] : [bot, other])),
    http.delete('/bots/{bot_id}', ({ response }) => {
      isDeleted = true;
      return response(204).empty();
    }),
  );
  const { user, router, client } = renderAt(at);
  await user.type(await nameField(), ' sin guardar');

  await user.click(screen.getByRole('button', { name: 'Eliminar bot' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByRole('button', { name: 'Eliminar para siempre' })).toBeDisabled();
  await user.type(dialog.getByRole('textbox'), 'Tornavía');
  await user.click(dialog.getByRole('button', { name: 'Eliminar para siempre' }));

  await waitFor(() => expect(router.state.location.pathname).toBe('/bots'));
  expect(await screen.findByText('«Tornavía» se ha eliminado.')).toBeVisible();
  expect(await screen.findByRole('heading', { level: 1, name: 'Bots' })).toBeVisible();
  expect(within(screen.getByRole('main')).queryByText('Tornavía')).not.toBeInTheDocument();
  await waitFor(() => expect(client.getQueryData(keys.bot(bot.id))).toBeUndefined());
});

test('a bot that could not be deleted is still in the list, and the dialog says why', async () => {
  server.use(http.delete('/bots/{bot_id}', refuses(503, 'database_unavailable')));
  const { user, client, router } = renderAt(at);

  await user.click(await screen.findByRole('button', { name: 'Eliminar bot' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.type(dialog.getByRole('textbox'), 'Tornavía{Enter}');

  expect(await dialog.findByRole('alert')).toBeVisible();
  await waitFor(() => expect(client.getQueryData<Bot[]>(keys.bots)).toHaveLength(2));
  expect(router.state.location.pathname).toBe(at);
});

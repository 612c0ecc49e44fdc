import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { Bot, ModelConfig, ModelConfigChange, Provider } from '@/api/types';
import { aBot, aConfig, aProvider } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const GPT = {
  model_id: 'gpt-6-luna',
  context_tokens: 922_000,
  max_output_tokens: 128_000,
  input_usd_per_mtok: 0.1,
  output_usd_per_mtok: 0.5,
  reasons: true,
  sees_images: true,
};

let bot: Bot;
let openai: Provider;

const isReserve = ({ task_type, model_id }: ModelConfig, added: ModelConfig) =>
  model_id === 'extractive' && task_type === added.task_type;

/** A server that keeps what is written to it, in its order. */
beforeEach(() => {
  openai = aProvider({ configured: true, source: 'own', key_last4: '1234', models: [GPT] });
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([bot])),
    http.get('/bots/{bot_id}', ({ response }) => response(200).json(bot)),
    http.get('/providers/', ({ response }) =>
      response(200).json([
        aProvider({ provider: 'google' }),
        openai,
        aProvider({ provider: 'local', configured: true, needs_key: false }),
      ]),
    ),
    http.post('/bots/{bot_id}/models/', async ({ request, response }) => {
      const added = aConfig(await request.json());
      const reserve = bot.configs.findIndex((one) => isReserve(one, added));
      bot = { ...bot, configs: bot.configs.toSpliced(reserve === -1 ? bot.configs.length : reserve, 0, added) };
      return response(200).json(added);
    }),
    http.put('/bots/{bot_id}/models/{config_id}', async ({ request, params, response }) => {
      const { first, ...change } = (await request.json()) as ModelConfigChange;
      const before = bot.configs.find((one) => one.id === params.config_id) ?? aConfig();
      const changed = { ...before, ...(change as Partial<ModelConfig>) };
      const configs = bot.configs.map((one) => (one === before ? changed : one));
      bot = { ...bot, configs: first ? [changed, ...configs.filter((one) => one !== changed)] : configs };
      return response(200).json(changed);
    }),
    http.delete('/bots/{bot_id}/models/{config_id}', ({ params, response }) => {
      bot = { ...bot, configs: bot.configs.filter((one) => one.id !== params.config_id) };
      return response(204).empty();
    }),
  );
});

function renderToolbox(configs: ModelConfig[]) {
  bot = aBot({ configs });
  return renderAt(`/bots/${bot.id}/toolbox`);
}

/** The page behind the dialog, also while it is open. */
const rowsOf = (heading: string) => within(screen.getByRole('region', { name: heading, hidden: true }));

test('the models are grouped by task type, general first', async () => {
  renderToolbox([
    aConfig({ task_type: 'soporte', model_id: 'uno', provider: 'openai', description: 'Pedidos y envíos' }),
    aConfig({ task_type: 'complex', provider: 'openai', model_id: 'gpt-6-luna' }),
    aConfig(),
  ]);

  await screen.findByText(/0,10\sUS\$/);
  const headings = screen.getAllByRole('heading', { level: 2 }).map(({ textContent }) => textContent);
  expect(headings).toEqual(['General', 'Difíciles', 'soporte', 'Proveedores']);
  expect(rowsOf('soporte').getByText('Pedidos y envíos')).toBeVisible();
  expect(rowsOf('soporte').getByText('Precio desconocido')).toBeVisible();
  expect(rowsOf('General').getByText(/No es un modelo de lenguaje/)).toBeVisible();
});

test('an empty toolbox says that the bot cannot answer, and the local model mends it', async () => {
  const { user } = renderToolbox([]);

  await screen.findByText('Este bot no puede responder todavía');
  await user.click(screen.getByRole('button', { name: 'Usar el modelo local' }));

  expect(await screen.findByRole('region', { name: 'General' })).toBeVisible();
  await waitFor(() => expect(bot.configs.map(({ model_id }) => model_id)).toEqual(['extractive']));
});

test('a model without a key says so and its link opens the key dialog', async () => {
  const { user } = renderToolbox([aConfig({ provider: 'google', model_id: 'gemini-pro-latest' })]);

  await user.click(
    await rowsOfWhenThere('General').then((rows) => rows.findByRole('button', { name: /clave de Google/ })),
  );

  expect(await screen.findByRole('dialog', { name: 'Clave de Google' })).toBeVisible();
});

async function rowsOfWhenThere(heading: string) {
  return within(await screen.findByRole('region', { name: heading }));
}

test('a model is chosen with the keyboard, and answers before the extractive one', async () => {
  const { user } = renderToolbox([aConfig()]);

  await user.click(await screen.findByRole('button', { name: 'Añadir modelo' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Añadir modelo' }));
  await user.click(dialog.getByRole('radio', { name: /OpenAI/ }));
  const box = dialog.getByRole('combobox', { name: 'Modelo' });
  await user.type(box, 'luna{ArrowDown}');
  expect(box).toHaveAttribute('aria-activedescendant', dialog.getByRole('option', { name: /gpt-6-luna/ }).id);
  await user.keyboard('{Enter}{Enter}');

  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(bot.configs.map(({ model_id }) => model_id)).toEqual(['gpt-6-luna', 'extractive']);
  expect(rowsOf('General').getAllByRole('listitem')[0]).toHaveTextContent('gpt-6-lunaResponde primero');
});

test('Escape closes the suggestions and not the dialog', async () => {
  const { user } = renderToolbox([aConfig()]);

  await user.click(await screen.findByRole('button', { name: 'Añadir modelo' }));
  await user.click(screen.getByRole('radio', { name: /OpenAI/ }));
  await user.click(screen.getByRole('combobox', { name: 'Modelo' }));
  expect(screen.getByRole('listbox')).toBeInTheDocument();
  await user.keyboard('{Escape}');

  expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
  expect(screen.getByRole('dialog')).toBeVisible();
});

test('a new task type becomes a slug with its description', async () => {
  const { user } = renderToolbox([aConfig()]);

  await user.click(await screen.findByRole('button', { name: 'Añadir modelo' }));
  await user.type(screen.getByRole('combobox', { name: 'Modelo' }), 'mi-modelo');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Tipo de tarea' }), 'Un tipo nuevo…');
  await user.type(screen.getByRole('textbox', { name: 'Nombre del tipo' }), 'Atención cliente');
  expect(screen.getByText('Se guardará como «atencion-cliente».')).toBeVisible();
  await user.type(screen.getByRole('textbox', { name: /Para qué/ }), 'Pedidos');
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Añadir modelo' }));

  await waitFor(() =>
    expect(bot.configs.at(-1)).toMatchObject({ task_type: 'atencion-cliente', description: 'Pedidos' }),
  );
});

test('a task type has one description for all its models', async () => {
  const soporte = { task_type: 'soporte', provider: 'openai', description: 'Antes' } as const;
  const { user } = renderToolbox([
    aConfig({ ...soporte, model_id: 'uno' }),
    aConfig({ ...soporte, model_id: 'dos' }),
  ]);

  await user.click(await screen.findByRole('button', { name: 'Cambiar uno' }));
  const description = screen.getByRole('textbox', { name: /Para qué/ });
  await user.clear(description);
  await user.type(description, 'Ahora');
  await user.click(screen.getByRole('button', { name: 'Guardar cambios' }));

  await waitFor(() => expect(bot.configs.map(({ description: said }) => said)).toEqual(['Ahora', 'Ahora']));
});

test('a model that the server has already is refused in the form, which keeps what was typed', async () => {
  const { user } = renderToolbox([]);
  server.use(http.post('/bots/{bot_id}/models/', refuses(409, 'model_config_exists')));

  await user.click((await screen.findAllByRole('button', { name: 'Añadir modelo' }))[0] as HTMLElement);
  await user.type(screen.getByRole('combobox', { name: 'Modelo' }), 'mi-modelo{Escape}');
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Añadir modelo' }));

  expect(await within(screen.getByRole('dialog')).findByRole('alert')).toHaveTextContent(/ya tiene ese modelo/);
  expect(screen.getByRole('combobox', { name: 'Modelo' })).toHaveValue('mi-modelo');
  expect(await screen.findByText('Este bot no puede responder todavía')).toBeInTheDocument();
});

test('the last model is removed only after asking', async () => {
  const { user } = renderToolbox([aConfig()]);

  await user.click(await screen.findByRole('button', { name: 'Quitar extractive' }));
  const dialog = within(screen.getByRole('dialog', { name: '¿Quitar extractive?' }));
  expect(bot.configs).toHaveLength(1);
  await user.click(dialog.getByRole('button', { name: 'Quitar modelo' }));

  expect(await screen.findByText('Este bot no puede responder todavía')).toBeVisible();
});

test('a model that could not be removed comes back', async () => {
  const { user } = renderToolbox([aConfig(), aConfig({ provider: 'openai', model_id: 'gpt-6-luna' })]);
  server.use(http.delete('/bots/{bot_id}/models/{config_id}', refuses(503, 'database_unavailable')));

  await user.click(await screen.findByRole('button', { name: 'Quitar gpt-6-luna' }));

  expect(await screen.findByText(/base de datos/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Quitar gpt-6-luna' })).toBeVisible();
  expect(bot.configs).toHaveLength(2);
});

test('a model is put first with one write, and keeps its row', async () => {
  const { user } = renderToolbox([aConfig(), aConfig({ provider: 'openai', model_id: 'gpt-6-luna' })]);
  const ids = bot.configs.map(({ id }) => id);

  await user.click(await screen.findByRole('button', { name: 'Poner gpt-6-luna el primero' }));

  await waitFor(() => expect(bot.configs.map(({ id }) => id)).toEqual(ids.toReversed()));
  expect(await screen.findByRole('button', { name: 'Poner extractive el primero' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Cambiar gpt-6-luna' })).toBeVisible();
});

test('a model that could not be put first goes back to its place', async () => {
  const { user } = renderToolbox([aConfig(), aConfig({ provider: 'openai', model_id: 'gpt-6-luna' })]);
  server.use(http.put('/bots/{bot_id}/models/{config_id}', refuses(404, 'model_config_not_found')));

  await user.click(await screen.findByRole('button', { name: 'Poner gpt-6-luna el primero' }));

  expect(await screen.findByText(/ya no está en la caja/)).toBeInTheDocument();
  expect(rowsOf('General').getAllByRole('listitem')[0]).toHaveTextContent('extractive');
});

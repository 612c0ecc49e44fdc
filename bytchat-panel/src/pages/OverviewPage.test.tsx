import { screen, within } from '@testing-library/react';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Usage, UsageFigures } from '@/api/types';
import { lastDays } from '@/lib/usage';
import type { OwnedDocument } from '@/queries/unfinished';
import { aBot, aDocument } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, refuses, server } from '@/tests/server';

const bot = aBot({ name: 'Tornavía' });
const figures: UsageFigures = {
  answers: 12,
  input_tokens: 1_200,
  output_tokens: 340,
  answers_estimated: 0,
  cost_micro_usd: 2_500_000,
  answers_cost_unknown: 2,
  dearest_micro_usd: 10_000_000,
  saved_micro_usd: 7_500_000,
};
const nothing: UsageFigures = {
  ...figures,
  answers: 0,
  cost_micro_usd: 0,
  answers_cost_unknown: 0,
  saved_micro_usd: 0,
};

function aUsage(total: UsageFigures, days = 30): Usage {
  const { from, to } = lastDays(days, new Date());
  const models = [{ ...total, provider: 'openai' as const, model_id: 'gpt-4o' }];
  return { from, to, total, days: [{ ...total, day: to }], bots: [], models, task_types: [] };
}

function anOwned(given: Partial<OwnedDocument>): OwnedDocument {
  return { ...aDocument(), bot_id: bot.id, bot_name: bot.name, ...given };
}

function documentsAre(documents: OwnedDocument[]) {
  return http.get('/documents/', ({ query, response }) => {
    const asked = query.getAll('status');
    return response(200).json(documents.filter(({ status }) => asked.includes(status)));
  });
}

const main = async () => within(await screen.findByRole('main'));

// The first load of a page is slow on a busy machine.
beforeAll(() => import('./OverviewPage'));

beforeEach(() => {
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([bot])),
    http.get('/usage/', ({ response }) => response(200).json(aUsage(figures))),
    documentsAre([]),
  );
});

test('a new account is told the three steps, and begins with a bot', async () => {
  server.use(http.get('/bots/', ({ response }) => response(200).json([])));
  const { user } = renderAt('/');

  const steps = within(await screen.findByRole('list', { name: 'Cómo empezar' }));
  expect(steps.getAllByRole('heading').map((step) => step.textContent)).toEqual([
    '1.Crea un bot',
    '2.Dale un documento',
    '3.Pregunta',
  ]);
  await user.click(screen.getByRole('button', { name: 'Crear mi primer bot' }));

  expect(await screen.findByRole('dialog', { name: 'Nuevo bot' })).toBeVisible();
});

test('the figures say what was answered, paid and saved, and what has no known price', async () => {
  renderAt('/');

  expect(await screen.findByText('2 respuestas sin precio conocido')).toBeVisible();
  const figureOf = (term: string) => screen.getAllByText(term, { selector: 'dt' })[0]?.parentElement;
  expect(figureOf('Respuestas')).toHaveTextContent('12');
  expect(figureOf('Coste')).toHaveTextContent(/2,50\sUS\$/);
  expect(figureOf('Ahorrado')).toHaveTextContent(/7,50\sUS\$/);
});

test('every chart has its figures in a table too', async () => {
  renderAt('/');

  const costs = within(await screen.findByRole('table', { name: 'Coste por día' }, { timeout: 10_000 }));
  expect(costs.getAllByRole('row')).toHaveLength(31);
  expect(screen.getByText(/Has pagado un 75\s% menos/)).toBeVisible();
  const models = within(screen.getByRole('table', { name: 'Quién responde' }));
  expect(models.getByRole('rowheader', { name: 'openai · gpt-4o' })).toBeInTheDocument();
}, 15_000);

test('another period is asked of the API', async () => {
  const asked: number[] = [];
  server.use(
    http.get('/usage/', ({ query, response }) => {
      const [from, to] = [query.get('from'), query.get('to')].map((day) => Date.parse(day ?? ''));
      asked.push(((to ?? 0) - (from ?? 0)) / 86_400_000 + 1);
      return response(200).json(aUsage(nothing));
    }),
  );
  const { user } = renderAt('/');

  await user.click(await screen.findByRole('radio', { name: '7 días' }));

  await expect.poll(() => asked).toEqual([30, 7]);
});

test('without answers the charts give way to whom to ask', async () => {
  server.use(http.get('/usage/', ({ response }) => response(200).json(aUsage(nothing))));
  renderAt('/');

  expect(await screen.findByRole('link', { name: 'Preguntar a «Tornavía»' })).toHaveAttribute(
    'href',
    `/bots/${bot.id}`,
  );
});

test('what trains shows how far it is, and what failed leads to its bot', async () => {
  server.use(
    documentsAre([
      anOwned({ filename: 'a.txt', status: 'processing', chunks: 10, chunks_embedded: 4 }),
      anOwned({ filename: 'b.txt', status: 'failed', searchable: false }),
    ]),
  );
  renderAt('/');

  const progress = await screen.findByRole('progressbar', { name: 'Entrenamiento de a.txt' });
  expect(progress).toHaveAttribute('aria-valuenow', '4');
  expect(screen.getByText('Ya se puede preguntar')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Revisar b.txt de Tornavía' })).toHaveAttribute(
    'href',
    `/bots/${bot.id}/documents`,
  );
});

test('with nothing in training it says so', async () => {
  renderAt('/');

  expect(await (await main()).findByText('No hay nada en entrenamiento.')).toBeVisible();
});

test('where the usage cannot be loaded the rest is there, and it is asked again on demand', async () => {
  server.use(http.get('/usage/', refuses(500, 'internal'), { once: true }));
  const { user } = renderAt('/');

  const usage = within(await screen.findByRole('region', { name: 'Uso' }));
  await user.click(await usage.findByRole('button', { name: 'Reintentar' }));

  expect(await screen.findByText('2 respuestas sin precio conocido')).toBeVisible();
});

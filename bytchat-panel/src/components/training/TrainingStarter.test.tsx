import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { SAMPLES } from '@/lib/sample';
import { makeQueryClient } from '@/queries/client';
import { aDocument } from '@/tests/factories';
import { Progress, serveBot } from '@/tests/training';
import { TrainingStarter } from './TrainingStarter';

function renderStarter(botId: string) {
  const onAsk = vi.fn();
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <TrainingStarter botId={botId} compact onAsk={onAsk} />
    </QueryClientProvider>,
  );
  return onAsk;
}

const handbook = aDocument({ ...SAMPLES.es, status: 'processing', searchable: false });

test('as soon as the handbook can be asked about, three questions are one click away', async () => {
  const bot = serveBot([handbook]);
  const progress = new Progress();
  const onAsk = renderStarter(bot.id);
  expect(await screen.findByRole('heading', { name: 'Tu bot está leyendo' })).toBeVisible();

  await progress.tell({ ...handbook, searchable: true });

  expect(await screen.findByRole('heading', { name: 'Ya puedes preguntar' })).toBeVisible();
  expect(screen.getByRole('list', { name: 'Preguntas sugeridas' }).children).toHaveLength(3);
  await userEvent.click(screen.getByRole('button', { name: '¿Cuánto cuesta la bicicleta plegable Molinera?' }));
  expect(onAsk).toHaveBeenCalledExactlyOnceWith('¿Cuánto cuesta la bicicleta plegable Molinera?');
});

test('of documents of their own nobody is told what to ask', async () => {
  const bot = serveBot([aDocument({ filename: 'mio.txt' })]);

  renderStarter(bot.id);

  expect(await screen.findByRole('heading', { name: 'Ya puedes preguntar' })).toBeVisible();
  expect(screen.queryByRole('list', { name: 'Preguntas sugeridas' })).not.toBeInTheDocument();
});

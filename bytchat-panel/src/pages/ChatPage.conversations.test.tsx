import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse } from 'msw';
import { describe, expect, test } from 'vitest';
import { A_CONVERSATION_ID, A_QUESTION_ID, answered, aStarted, finished, said } from '@/tests/chatStream';
import { answers, field, openChat, prepareChatWorld, store, world } from '@/tests/chatWorld';
import { aConfig, anAnswer, aQuestion } from '@/tests/factories';
import { http, server } from '@/tests/server';

prepareChatWorld();

test('another answer to the same question is folded with the first', async () => {
  const question = aQuestion({ id: A_QUESTION_ID });
  store(question, anAnswer({ text: 'Primera.', question_id: question.id }));
  server.use(
    http.post('/messages/{message_id}/retry', ({ response }) =>
      response.untyped(answered(aStarted(), said('Segunda.'), finished())),
    ),
  );
  const { user } = openChat(A_CONVERSATION_ID);

  await user.click(await screen.findByRole('button', { name: 'Responder otra vez' }));

  expect(await screen.findByText('Segunda.')).toBeVisible();
  expect(screen.getByText('Respuesta 2 de 2')).toBeVisible();
  expect(screen.queryByText('Primera.')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Respuesta anterior' }));
  expect(screen.getByText('Primera.')).toBeVisible();
});

test('an answer says which model gave it, why, and what it took', async () => {
  const question = aQuestion();
  const figures = { input_tokens: 1200, output_tokens: 34, tokens_estimated: true, cost_micro_usd: null };
  const model = { provider: 'openai', model_id: 'gpt-5-mini', reason: 'una pregunta corta' } as const;
  store(question, anAnswer({ question_id: question.id, ...figures, ...model }));
  const { user } = openChat(A_CONVERSATION_ID);

  await user.click(await screen.findByText('¿Por qué este modelo?'));

  expect(screen.getByText('Una pregunta corta.')).toBeVisible();
  expect(screen.getByText('≈ 1234 tokens')).toBeVisible();
  expect(screen.getAllByText('precio desconocido')).toHaveLength(2);
});

test('of a thousand turns only those in view are drawn', async () => {
  const turns = Array.from({ length: 1000 }, (_, n) => {
    const question = aQuestion({ text: `Pregunta ${n}` });
    return [question, anAnswer({ question_id: question.id })];
  });
  store(...turns.flat());
  openChat(A_CONVERSATION_ID);

  await screen.findAllByRole('article', { name: 'Respuesta' });

  expect(answers().length).toBeLessThan(20);
});

describe('what is typed', () => {
  test('waits for its conversation while the reader is elsewhere', async () => {
    store(aQuestion());
    const { user, router } = openChat(A_CONVERSATION_ID);
    await user.type(await field(), 'A medias');

    await user.click(screen.getAllByRole('button', { name: 'Nueva conversación' })[0] as HTMLElement);
    expect(await field()).toHaveValue('');
    await router.navigate(`/bots/${world.bot.id}/chat/${A_CONVERSATION_ID}`);

    await waitFor(async () => expect(await field()).toHaveValue('A medias'));
  });

  test('begins a line with Shift and Enter, and is sent with the task type that was chosen', async () => {
    world.bot = { ...world.bot, configs: [aConfig(), aConfig({ task_type: 'code' })] };
    const bodies: unknown[] = [];
    server.use(
      http.post('/chat/{bot_id}', async ({ request, response }) => {
        bodies.push(await request.json());
        return response.untyped(answered(aStarted(), said('Sí.'), finished()));
      }),
    );
    const { user } = openChat();
    await user.selectOptions(await screen.findByRole('combobox', { name: 'Tipo de tarea' }), 'code');

    await user.type(await field(), 'uno{Shift>}{Enter}{/Shift}dos{Enter}');

    await screen.findByText('Sí.');
    expect(bodies).toEqual([{ query: 'uno\ndos', task_type: 'code' }]);
  });
});

describe('the list of conversations', () => {
  const list = () => screen.findByRole('navigation', { name: 'Conversaciones' });

  test('marks the one that is open and forgets one that is deleted', async () => {
    store(aQuestion());
    const { user, router } = openChat(A_CONVERSATION_ID);
    const link = await within(await list()).findByRole('link', { name: /La Molinera/ });
    expect(link).toHaveAttribute('aria-current', 'page');
    server.use(
      http.delete('/conversations/{conversation_id}', ({ response }) => {
        world.list = [];
        return response(204).empty();
      }),
    );

    await user.click(within(await list()).getByRole('button', { name: 'Borrar «La Molinera»' }));
    await user.click(await screen.findByRole('button', { name: 'Borrar conversación' }));

    expect(await screen.findByText('Aquí verás lo que vayas preguntando.')).toBeVisible();
    expect(router.state.location.pathname).toBe(`/bots/${world.bot.id}/chat`);
  });

  test('says that it failed, and asks again', async () => {
    server.use(
      http.get('/bots/{bot_id}/conversations/', ({ response }) => response.untyped(HttpResponse.error()), {
        once: true,
      }),
    );
    store(aQuestion());
    const { user } = openChat();

    await user.click(await within(await list()).findByRole('button', { name: 'Reintentar' }));

    expect(await within(await list()).findByRole('link', { name: /La Molinera/ })).toBeVisible();
  });

  test('goes on where the API says that there is more', async () => {
    const page = (title: string) => [{ ...world.conversation, id: title, title }];
    server.use(
      http.get('/bots/{bot_id}/conversations/', ({ query, response }) =>
        query.get('cursor') === 'c2'
          ? response(200).json(page('Antigua'))
          : response.untyped(HttpResponse.json(page('Nueva'), { headers: { Link: '</x?cursor=c2>; rel="next"' } })),
      ),
    );
    const { user } = openChat();

    await user.click(await within(await list()).findByRole('button', { name: 'Ver más antiguas' }));

    expect(await screen.findByRole('link', { name: /Antigua/ })).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Ver más antiguas' })).toBeNull();
  });
});

test('a conversation that is gone says so, and a new one can be begun', async () => {
  const gone = { code: 'conversation_not_found', detail: 'No existe.' };
  server.use(
    http.get('/conversations/{conversation_id}', ({ response }) =>
      response.untyped(HttpResponse.json(gone, { status: 404 })),
    ),
  );
  const { user, router } = openChat(A_CONVERSATION_ID);

  await user.click(await screen.findByRole('button', { name: 'Empezar otra conversación' }));

  expect(router.state.location.pathname).toBe(`/bots/${world.bot.id}/chat`);
});

describe('before the first question', () => {
  test('a bot without documents is offered something to read, and can be asked already', async () => {
    world.documents = [];
    openChat();

    expect(await screen.findByRole('button', { name: 'Usa el manual de ejemplo' })).toBeVisible();
    expect(await field()).toBeEnabled();
  });

  test('a bot that has read greets by its name', async () => {
    openChat();

    expect(await screen.findByRole('heading', { name: '¿Qué quieres saber?' })).toBeVisible();
  });
});

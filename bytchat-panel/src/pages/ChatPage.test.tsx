import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Bot, BotDocument, Conversation, ConversationSummary, Message } from '@/api/types';
import { useAnnouncer } from '@/store/announcer';
import { useChat } from '@/store/chat';
import {
  A_CONVERSATION_ID,
  A_MESSAGE_ID,
  A_QUESTION_ID,
  aPassage,
  aStarted,
  answered,
  answerStream,
  finished,
  said,
} from '@/tests/chatStream';
import { aBot, aConfig, aConversation, aDocument, anAnswer, aQuestion } from '@/tests/factories';
import { renderAt } from '@/tests/renderAt';
import { http, server } from '@/tests/server';

interface World {
  bot: Bot;
  documents: BotDocument[];
  conversation: Conversation;
  list: ConversationSummary[];
}

/** What the API holds; tests change it as the API would. */
let world: World;

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(600);
  const bot = aBot();
  const conversation = aConversation({ id: A_CONVERSATION_ID, bot_id: bot.id, title: 'La Molinera' });
  world = { bot, documents: [aDocument({ characters: 1 })], conversation, list: [] };
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([world.bot])),
    http.get('/bots/{bot_id}', ({ response }) => response(200).json(world.bot)),
    http.get('/bots/{bot_id}/documents/', ({ response }) => response(200).json(world.documents)),
    http.get('/bots/{bot_id}/conversations/', ({ response }) => response(200).json(world.list)),
    http.get('/conversations/{conversation_id}', ({ response }) => response(200).json(world.conversation)),
  );
});

afterEach(() => useChat.getState().leave());

function store(...messages: Message[]) {
  world.conversation = { ...world.conversation, messages: [...world.conversation.messages, ...messages] };
  world.list = [world.conversation];
}

function onAsked(respond: (request: Request) => Response) {
  server.use(http.post('/chat/{bot_id}', ({ request, response }) => response.untyped(respond(request.clone()))));
}

function openChat(conversationId = '') {
  return renderAt(`/bots/${world.bot.id}/chat/${conversationId}`);
}

const field = () => screen.findByRole('textbox', { name: 'Pregunta' });
const answers = () => screen.getAllByRole('article', { name: 'Respuesta' });

test('a question is answered as it is said, and its conversation gets its address without losing the focus', async () => {
  const stream = answerStream();
  onAsked(stream.response);
  const { user, router } = openChat();

  await user.type(await field(), '¿Cuánto cuesta?{Enter}');
  stream.send(aStarted(), { kind: 'sources', passages: [aPassage()] }, said('Cuesta **729 €** '));

  expect(await screen.findByText('729 €')).toBeVisible();
  expect(screen.getByText('¿Cuánto cuesta?')).toBeVisible();
  expect(router.state.location.pathname).toBe(`/bots/${world.bot.id}/chat/${A_CONVERSATION_ID}`);
  expect(answers()[0]).toHaveAttribute('aria-busy', 'true');
  expect(await field()).toHaveFocus();
  expect(await field()).toHaveValue('');

  const [question, answer] = [aQuestion({ id: A_QUESTION_ID, text: '¿Cuánto cuesta?' }), anAnswer({ id: A_MESSAGE_ID })];
  store(question, { ...answer, text: 'Cuesta **729 €** [1].', question_id: question.id, citations: [aPassage()] });
  const drawn = answers()[0];
  stream.send(said('[1].'), finished());
  stream.end();

  expect(await screen.findByRole('button', { name: 'Copiar respuesta' })).toBeVisible();
  await waitFor(() => expect(screen.getByText('sin coste', { exact: false })).toBeVisible());
  expect(answers()).toEqual([drawn]);
  expect(useAnnouncer.getState().said?.text).toBe('Respuesta recibida: Cuesta 729 € .');
});

test('a citation opens the document at its passage', async () => {
  const passage = aPassage({ document_id: null as unknown as string });
  const question = aQuestion();
  store(question, anAnswer({ text: 'Cuesta 729 € [1].', question_id: question.id, citations: [passage] }));
  const { user } = openChat(A_CONVERSATION_ID);

  await user.click(await screen.findByRole('button', { name: 'Cita 1: tienda.es.txt' }));

  expect(await screen.findByRole('dialog')).toHaveTextContent('La Molinera cuesta 729 €');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(screen.getByRole('button', { name: 'Cita 1: tienda.es.txt' })).toHaveFocus();
});

describe('what was said is kept', () => {
  test('when the reader stops the answer, with the keyboard alone', async () => {
    const stream = answerStream();
    onAsked(stream.response);
    const { user } = openChat();
    await user.type(await field(), 'Hola{Enter}');
    stream.send(aStarted(), said('Cuesta seteci'));
    await screen.findByText('Cuesta seteci');

    await user.keyboard('{Escape}');

    expect(await screen.findByText('Detenida. Se guarda lo que ya había dicho.')).toBeVisible();
    expect(screen.getByText('Cuesta seteci')).toBeVisible();
    expect(await field()).toHaveFocus();
    await waitFor(() => expect(stream.isLeft()).toBe(true));
  });

  test('when it breaks off, with the reason', async () => {
    const error = { kind: 'error', code: 'answer_cut_short', detail: 'El modelo se ha cortado.' } as const;
    onAsked(() => answered(aStarted(), said('Cuesta seteci'), error));
    const { user } = openChat();

    await user.type(await field(), 'Hola{Enter}');

    expect(await screen.findByText(/^La respuesta se cortó\. ./)).toBeVisible();
    expect(screen.getByText('Cuesta seteci')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Responder otra vez' })).toBeEnabled();
  });

  test.each([
    ['length', 'Cortada por longitud'],
    ['blocked', 'no quiso seguir'],
  ] as const)('when it ends for %s', async (finish, words) => {
    onAsked(() => answered(aStarted(), said('Cuesta seteci'), finished(finish)));
    const { user } = openChat();

    await user.type(await field(), 'Hola{Enter}');

    expect(await screen.findByText(new RegExp(words))).toBeVisible();
  });
});

describe('a question that nobody answered', () => {
  test('of a bot without models leads to its toolbox, and can be edited', async () => {
    onAsked(() => HttpResponse.json({ code: 'no_model', detail: 'Vacía.' }, { status: 409 }));
    const { user } = openChat();

    await user.type(await field(), '¿Hay alguien?{Enter}');

    expect(await screen.findByRole('link', { name: 'Ir a la caja de herramientas' })).toHaveAttribute(
      'href',
      `/bots/${world.bot.id}/toolbox`,
    );
    await user.click(screen.getByRole('button', { name: 'Editar la pregunta' }));
    expect(await field()).toHaveValue('¿Hay alguien?');
  });

  test('of a bot without keys leads to the providers', async () => {
    onAsked(() => HttpResponse.json({ code: 'provider_key_missing', detail: 'Falta.' }, { status: 409 }));
    const { user } = openChat();

    await user.type(await field(), 'Hola{Enter}');

    expect(await screen.findByRole('link', { name: 'Revisar las claves' })).toHaveAttribute('href', '/providers');
  });

  test('but was stored is asked again in its place', async () => {
    const stored = { conversation_id: A_CONVERSATION_ID, question_id: A_QUESTION_ID };
    const problem = { code: 'provider_unavailable', detail: 'Nadie responde.', ...stored };
    onAsked(() => HttpResponse.json(problem, { status: 503 }));
    const asked: string[] = [];
    server.use(
      http.post('/messages/{message_id}/retry', ({ params, response }) => {
        asked.push(params.message_id);
        return response.untyped(answered(aStarted(), said('Ahora sí.'), finished()));
      }),
    );
    store(aQuestion({ id: A_QUESTION_ID, text: 'Hola' }));
    const { user } = openChat();
    await user.type(await field(), 'Hola{Enter}');
    expect(await screen.findByText('Nadie responde.')).toBeVisible();

    await user.click(screen.getByRole('button', { name: 'Reintentar' }));

    expect(await screen.findByText('Ahora sí.')).toBeVisible();
    expect(asked).toEqual([A_QUESTION_ID]);
    expect(screen.getAllByRole('article', { name: 'Tu pregunta' })).toHaveLength(1);
  });

  test('in an older conversation can be answered now', async () => {
    store(aQuestion({ id: A_QUESTION_ID, text: 'Hola' }));
    openChat(A_CONVERSATION_ID);

    expect(await screen.findByText('Esta pregunta se quedó sin respuesta.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Responder ahora' })).toBeEnabled();
  });
});

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

  expect(screen.getByText('una pregunta corta')).toBeVisible();
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

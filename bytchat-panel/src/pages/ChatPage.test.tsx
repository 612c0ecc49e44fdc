import { screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { useAnnouncer } from '@/store/announcer';
import {
  A_CONVERSATION_ID,
  A_MESSAGE_ID,
  A_QUESTION_ID,
  answered,
  answerStream,
  aPassage,
  aStarted,
  finished,
  said,
} from '@/tests/chatStream';
import {
  answers,
  field,
  onAsked,
  onAskedRefuse,
  openChat,
  prepareChatWorld,
  store,
  world,
} from '@/tests/chatWorld';
import { anAnswer, aQuestion } from '@/tests/factories';
import { http, server } from '@/tests/server';

prepareChatWorld();

test('a question is answered as it is said, and its conversation gets its address without losing the focus', async () => {
  const stream = answerStream();
  onAsked(stream.response);
  const { user, router } = openChat();

  await user.type(await field(), '¿Cuánto cuesta?{Enter}');
  stream.send(aStarted(), { kind: 'sources', passages: [aPassage()] }, said('Cuesta **729 €** '));

  expect(await screen.findByText('729 €')).toBeVisible();
  expect(screen.getByRole('article', { name: 'Tu pregunta' })).toHaveTextContent('¿Cuánto cuesta?');
  expect(router.state.location.pathname).toBe(`/bots/${world.bot.id}/chat/${A_CONVERSATION_ID}`);
  expect(answers()[0]).toHaveAttribute('aria-busy', 'true');
  expect(await field()).toHaveFocus();
  expect(await field()).toHaveValue('');

  const [question, answer] = [
    aQuestion({ id: A_QUESTION_ID, text: '¿Cuánto cuesta?' }),
    anAnswer({ id: A_MESSAGE_ID }),
  ];
  store(question, { ...answer, text: 'Cuesta **729 €** [1].', question_id: question.id, citations: [aPassage()] });
  const drawn = answers()[0];
  stream.send(said('[1].'), finished());
  stream.end();

  expect(await screen.findByRole('button', { name: 'Copiar respuesta' })).toBeVisible();
  await waitFor(() => expect(screen.getAllByText('sin coste')[0]).toBeVisible());
  expect(answers()).toEqual([drawn]);
  expect(useAnnouncer.getState().said?.text).toBe('Respuesta recibida: Cuesta 729 € .');
});

test('the focus comes back from a citation to its number', async () => {
  const passage = { ...aPassage(), document_id: null };
  const question = aQuestion();
  store(question, anAnswer({ text: 'Cuesta 729 € [1].', question_id: question.id, citations: [passage] }));
  const { user } = openChat(A_CONVERSATION_ID);

  await user.click(await screen.findByRole('button', { name: /^Cita 1: tienda/ }));

  expect(await screen.findByRole('dialog')).toHaveTextContent('La Molinera cuesta 729 €');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(screen.getByRole('button', { name: /^Cita 1: tienda/ })).toHaveFocus();
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

    expect(await screen.findByText('Interrumpida. Se guarda lo que ya había dicho.')).toBeVisible();
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
    onAskedRefuse(409, { code: 'no_model' });
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
    onAskedRefuse(409, { code: 'provider_key_missing' });
    const { user } = openChat();

    await user.type(await field(), 'Hola{Enter}');

    expect(await screen.findByRole('link', { name: 'Revisar las claves' })).toHaveAttribute('href', '/providers');
  });

  test('but was stored is asked again in its place', async () => {
    const stored = { conversation_id: A_CONVERSATION_ID, question_id: A_QUESTION_ID };
    const problem = { code: 'provider_unavailable', detail: 'Nadie responde.', ...stored };
    onAskedRefuse(503, problem);
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

  test('that another tab has just asked is waited for, and its answer appears', async () => {
    const question = aQuestion({ id: A_QUESTION_ID, text: 'Hola', created_at: new Date().toISOString() });
    store(question);
    openChat(A_CONVERSATION_ID);
    expect(await screen.findByText(/Si se está respondiendo en otra ventana/)).toBeVisible();

    store(question, anAnswer({ question_id: A_QUESTION_ID, text: 'Buenas.' }));

    expect(await screen.findByText('Buenas.')).toBeVisible();
  });

  test('in an older conversation can be answered now', async () => {
    store(aQuestion({ id: A_QUESTION_ID, text: 'Hola' }));
    openChat(A_CONVERSATION_ID);

    expect(await screen.findByText('Esta pregunta se quedó sin respuesta.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Responder ahora' })).toBeEnabled();
  });
});

import { waitFor } from '@testing-library/react';
import { HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { A_CONVERSATION_ID, answered, answerStream, aStarted, finished, said } from '@/tests/chatStream';
import { http, server } from '@/tests/server';
import { type AskListener, draftOf, liveIdOf, useChat } from './chat';
import { useSession } from './session';

const BOT = '01955000-0000-7000-8000-0000000000b0';
const DRAFT = draftOf(BOT);

beforeEach(() => useSession.setState({ token: 'a-token', status: 'in' }));
afterEach(() => useChat.getState().leave());

function listener(): AskListener {
  return { onPlaced: vi.fn(), onEnded: vi.fn() };
}

function answerWith(resolve: (request: Request) => Response) {
  server.use(http.post('/chat/{bot_id}', ({ request, response }) => response.untyped(resolve(request))));
}

function turnsAt(place: string) {
  const { places, turns } = useChat.getState();
  return (places[place] ?? []).map((id) => turns[id]);
}

const ask = (told = listener()) => {
  useChat.getState().ask(BOT, DRAFT, { query: '¿Cuánto?' }, told);
  return told;
};

test('a draft becomes its conversation as soon as the API names it, with what is typed meanwhile', async () => {
  const stream = answerStream();
  answerWith(stream.response);
  const told = ask();
  useChat.getState().setDraft(DRAFT, 'Y otra');

  stream.send(aStarted(), said('Ho'));

  await waitFor(() => expect(told.onPlaced).toHaveBeenCalledWith(A_CONVERSATION_ID, '¿Cuánto?'));
  await waitFor(() => expect(turnsAt(A_CONVERSATION_ID)).toMatchObject([{ phase: 'speaking', text: 'Ho' }]));
  expect(turnsAt(DRAFT)).toEqual([]);
  expect(useChat.getState().drafts).toMatchObject({ [DRAFT]: '', [A_CONVERSATION_ID]: 'Y otra' });
});

test('all that was said is there when the answer ends, and whoever asked is told', async () => {
  answerWith(() => answered(aStarted(), said('Ho'), said('la'), finished()));

  const told = ask();

  await waitFor(() => expect(told.onEnded).toHaveBeenCalledWith(A_CONVERSATION_ID));
  expect(turnsAt(A_CONVERSATION_ID)).toMatchObject([{ phase: 'ended', text: 'Hola', ending: { finish: 'stop' } }]);
});

test('one question at a time: a second is not asked while the first is being answered', () => {
  answerWith(answerStream().response);

  ask();
  ask();

  expect(turnsAt(DRAFT)).toHaveLength(1);
});

test('stopping keeps what was said and lets the server know', async () => {
  const stream = answerStream();
  answerWith(stream.response);
  const told = ask();
  stream.send(aStarted(), said('Ho'));
  await waitFor(() => expect(told.onPlaced).toHaveBeenCalled());

  useChat.getState().stop(A_CONVERSATION_ID);

  expect(turnsAt(A_CONVERSATION_ID)).toMatchObject([{ phase: 'ended', ending: { kind: 'stopped' } }]);
  expect(liveIdOf(useChat.getState(), A_CONVERSATION_ID)).toBeUndefined();
  await waitFor(() => expect(told.onEnded).toHaveBeenCalled());
  await waitFor(() => expect(stream.isLeft()).toBe(true));
});

test('an answer whose connection ends without a last event is broken, and never whole', async () => {
  answerWith(() => answered(aStarted(), said('Ho')));

  const told = ask();

  await waitFor(() => expect(told.onEnded).toHaveBeenCalled());
  expect(turnsAt(A_CONVERSATION_ID)).toMatchObject([{ text: 'Ho', ending: { kind: 'error', code: 'network' } }]);
});

describe('a question that is refused', () => {
  test('stays where it was asked, and can be asked again', async () => {
    const problem = { code: 'quota_exceeded', detail: 'Has llegado al límite.' };
    answerWith(() => HttpResponse.json(problem, { status: 429 }));
    const told = ask();
    await waitFor(() => expect(told.onEnded).toHaveBeenCalledWith(DRAFT));
    const id = useChat.getState().places[DRAFT]?.[0] ?? '';
    expect(turnsAt(DRAFT)).toMatchObject([{ phase: 'refused', problem: { code: 'quota_exceeded' } }]);

    answerWith(() => answered(aStarted(), said('Hola'), finished()));
    useChat.getState().resend(BOT, DRAFT, id, told);

    await waitFor(() => expect(turnsAt(A_CONVERSATION_ID)).toMatchObject([{ phase: 'ended', text: 'Hola' }]));
  });

  test('but was stored is in its conversation from then on', async () => {
    const problem = { code: 'provider_unavailable', detail: 'Nadie.', conversation_id: 'c9', question_id: 'q9' };
    answerWith(() => HttpResponse.json(problem, { status: 503 }));

    const told = ask();

    await waitFor(() => expect(told.onPlaced).toHaveBeenCalledWith('c9', '¿Cuánto?'));
    expect(turnsAt('c9')).toMatchObject([{ phase: 'refused', asked: { questionId: 'q9' } }]);
  });
});

test('leaving the session ends all streams and forgets all that was said or typed', async () => {
  const stream = answerStream();
  answerWith(stream.response);
  ask();
  stream.send(aStarted(), said('secreto'));
  await waitFor(() => expect(turnsAt(A_CONVERSATION_ID)).toHaveLength(1));
  useChat.getState().setDraft(DRAFT, 'más secretos');

  useSession.getState().end('expired');

  expect(useChat.getState()).toMatchObject({ turns: {}, heads: {}, places: {}, drafts: {} });
  await waitFor(() => expect(stream.isLeft()).toBe(true));
});

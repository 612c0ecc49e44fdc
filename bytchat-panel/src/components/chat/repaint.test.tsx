import { render, waitFor } from '@testing-library/react';
import { Profiler } from 'react';
import { MemoryRouter } from 'react-router';
import { expect, test, vi } from 'vitest';
import type { Message } from '@/api/types';
import type { Turn } from '@/lib/turns';
import { type AskListener, draftOf, useChat } from '@/store/chat';
import { answerStream, aPassage, aStarted, finished, said } from '@/tests/chatStream';
import { anAnswer, aQuestion } from '@/tests/factories';
import { http, server } from '@/tests/server';
import { type ChatActions, ChatContext } from './chatContext';
import { TurnRow } from './TurnRow';

const BOT = '01955000-0000-7000-8000-0000000000b0';
const DRAFT = draftOf(BOT);

function storedTurn(): Turn<Message> {
  const question = aQuestion();
  const stored = anAnswer({ question_id: question.id });
  const answers = [{ key: stored.id, stored, pendingId: null }];
  return { key: question.id, questionId: question.id, text: question.text, askedAt: null, answers };
}

test('a new word draws the answer that it belongs to, and no other', async () => {
  const stream = answerStream();
  server.use(http.post('/chat/{bot_id}', ({ response }) => response.untyped(stream.response())));
  const listener: AskListener = { onPlaced: vi.fn(), onEnded: vi.fn() };
  useChat.getState().ask(BOT, DRAFT, { query: '¿Y cuánto pesa?' }, listener);
  const pendingId = useChat.getState().places[DRAFT]?.[0] ?? '';
  const live = {
    key: 'live',
    questionId: null,
    text: '¿Y cuánto pesa?',
    askedAt: null,
    answers: [{ key: 'live', stored: null, pendingId }],
  };
  const actions = { place: DRAFT, botId: BOT, openPassage: vi.fn() } as unknown as ChatActions;
  const drawn = { stored: 0, live: 0 };
  const view = render(
    <MemoryRouter>
      <ChatContext value={actions}>
        <Profiler id="stored" onRender={() => drawn.stored++}>
          <TurnRow turn={storedTurn()} />
        </Profiler>
        <Profiler id="live" onRender={() => drawn.live++}>
          <TurnRow turn={live} />
        </Profiler>
      </ChatContext>
    </MemoryRouter>,
  );
  stream.send(aStarted(), { kind: 'sources', passages: [aPassage()] }, said('Pesa '));
  await view.findByText('Pesa');
  const before = { ...drawn };

  for (const word of ['doce ', 'kilos ', 'y ', 'medio.']) {
    stream.send(said(word));
    await waitFor(() => expect(view.container).toHaveTextContent(word.trim()));
  }

  expect(drawn.live).toBeGreaterThan(before.live);
  expect(drawn.stored).toBe(before.stored);
  stream.send(finished());
  stream.end();
  await waitFor(() => expect(listener.onEnded).toHaveBeenCalled());
});

import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '@/api/events';
import { Problem } from '@/api/problem';
import { type ChatAction, headOf, isSameHead, type LiveTurn, reduceTurn } from './chatReducer';

const asked: ChatAction = {
  kind: 'asked',
  asked: { query: '¿Cuánto?', taskType: null, questionId: null, at: 1000 },
};
const started: ChatEvent = {
  kind: 'started',
  message_id: 'm',
  conversation_id: 'c',
  question_id: 'q',
  model: 'gpt',
  provider: 'openai',
  task_type: 'general',
  reason: 'corta',
};
const finished: ChatEvent = {
  kind: 'finished',
  citations: [],
  finish: 'stop',
  usage: { input_tokens: 9, output_tokens: 2, estimated: false, cost_micro_usd: 7 },
};
const say = (text: string): ChatEvent => ({ kind: 'delta', text });

function turnAfter(...actions: ChatAction[]): LiveTurn {
  const turn = actions.reduce<LiveTurn | null>(
    (before, action, index) => reduceTurn(before, action, 1000 + index),
    null,
  );
  if (!turn) throw new Error('Nothing was asked.');
  return turn;
}

describe('a turn', () => {
  test('is asking, then speaks, then is finished with all that was said', () => {
    expect(turnAfter(asked).phase).toBe('asking');
    expect(turnAfter(asked, started).phase).toBe('speaking');
    expect(turnAfter(asked, started, say('Ho'), say('la'), finished)).toMatchObject({
      phase: 'ended',
      text: 'Hola',
      firstTokenAt: 1002,
      endedAt: 1004,
      ending: { kind: 'finished', usage: { cost_micro_usd: 7 } },
    });
  });

  test('keeps what was said when it breaks off, is stopped or loses the network', () => {
    const error: ChatEvent = { kind: 'error', code: 'answer_cut_short', detail: 'Cortada.' };

    expect(turnAfter(asked, started, say('Ho'), error)).toMatchObject({
      text: 'Ho',
      ending: { code: 'answer_cut_short' },
    });
    expect(turnAfter(asked, started, say('Ho'), { kind: 'stopped' })).toMatchObject({
      text: 'Ho',
      ending: { kind: 'stopped' },
    });
    expect(
      turnAfter(asked, started, say('Ho'), { kind: 'refused', problem: new Problem(0, 'network') }),
    ).toMatchObject({
      text: 'Ho',
      ending: { kind: 'error', code: 'network' },
    });
  });

  test('that is refused before the first word keeps its question, and where it is stored', () => {
    const problem = new Problem(503, 'provider_unavailable', { question_id: 'q', conversation_id: 'c' });

    expect(turnAfter(asked, { kind: 'refused', problem })).toMatchObject({
      phase: 'refused',
      asked: { query: '¿Cuánto?', questionId: 'q' },
    });
  });

  test('that was stopped before the first word is given up', () => {
    expect(turnAfter(asked, { kind: 'stopped' }).phase).toBe('given_up');
  });

  test('that has ended hears no more', () => {
    const ended = turnAfter(asked, started, say('a'), finished);

    expect(reduceTurn(ended, say('b'), 9)).toBe(ended);
    expect(reduceTurn(ended, { kind: 'stopped' }, 9)).toBe(ended);
  });

  test('that was refused may be asked again', () => {
    expect(turnAfter(asked, { kind: 'refused', problem: new Problem(429, 'quota_exceeded') }, asked).phase).toBe(
      'asking',
    );
  });
});

test('a new word does not change the head of a turn', () => {
  const before = headOf('t', turnAfter(asked, started, say('a')));

  expect(isSameHead(before, headOf('t', turnAfter(asked, started, say('a'), say('b'))))).toBe(true);
  expect(isSameHead(before, headOf('t', turnAfter(asked, started, say('a'), finished)))).toBe(false);
});

import { describe, expect, test } from 'vitest';
import { isSameTurn, mayBeAnswered, type Pending, type StoredMessage, turnsOf } from './turns';

const created_at = '2026-03-01T10:00:00Z';
const question = (id: string, text = id): StoredMessage => ({
  id,
  role: 'user',
  text,
  question_id: null,
  created_at,
});
const answer = (id: string, to: string): StoredMessage => ({
  id,
  role: 'assistant',
  text: id,
  question_id: to,
  created_at,
});
const pending = (given: Partial<Pending>): Pending => ({
  id: 'p',
  query: 'q1',
  questionId: null,
  messageId: null,
  ...given,
});

const shape = (messages: StoredMessage[], pendings: Pending[] = []) =>
  turnsOf(messages, pendings).map((turn) => [turn.key, ...turn.answers.map((slot) => slot.key)]);

test('the answers to one question are folded into its turn, also when another was asked between them', () => {
  const messages = [question('q1'), answer('a1', 'q1'), question('q2'), answer('a2', 'q2'), answer('a3', 'q1')];

  expect(shape(messages)).toEqual([
    ['q1', 'a1', 'a3'],
    ['q2', 'a2'],
  ]);
});

describe('an answer that is coming', () => {
  test('to a new question is a turn at the end', () => {
    expect(shape([question('q0')], [pending({})])).toEqual([['q0'], ['p', 'p']]);
  });

  test('to a stored question belongs to its turn', () => {
    const messages = [question('q1'), answer('a1', 'q1'), question('q2')];

    expect(shape(messages, [pending({ questionId: 'q1' })])).toEqual([['q1', 'a1', 'p'], ['q2']]);
  });

  test('has the key of the message that it will be', () => {
    expect(shape([], [pending({ questionId: 'q1', messageId: 'a1' })])).toEqual([['q1', 'a1']]);
  });

  test('gives way to the stored one, under the same key', () => {
    const messages = [question('q1'), answer('a1', 'q1')];

    expect(turnsOf(messages, [pending({ questionId: 'q1', messageId: 'a1' })])[0]?.answers).toEqual([
      { key: 'a1', stored: messages[1], pendingId: null },
    ]);
  });

  test('is not told twice when its question was read again before the API named it', () => {
    expect(shape([question('x', 'q1')], [pending({})])).toEqual([['x', 'p']]);
  });

  test('does not take an older question of the same words for its own', () => {
    expect(shape([question('x', 'q1'), answer('a', 'x')], [pending({})])).toEqual([
      ['x', 'a'],
      ['p', 'p'],
    ]);
  });
});

test('turns are the same as long as nothing in them is another', () => {
  const messages = [question('q1'), answer('a1', 'q1')];
  const [one] = turnsOf(messages, []);
  const [same] = turnsOf([...messages, question('q2')], []);
  const [more] = turnsOf(messages, [pending({ questionId: 'q1' })]);
  if (!one || !same || !more) throw new Error('There is no turn.');

  expect(isSameTurn(one, same)).toBe(true);
  expect(isSameTurn(one, more)).toBe(false);
});

test('a question may be answered by another tab for as long as an answer can take', () => {
  const asked = Date.parse(created_at);

  expect(mayBeAnswered(created_at, asked + 60_000)).toBe(true);
  expect(mayBeAnswered(created_at, asked + 600_000)).toBe(false);
  expect(mayBeAnswered(null, asked)).toBe(false);
});

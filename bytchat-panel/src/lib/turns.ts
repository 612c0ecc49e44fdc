// A conversation as turns: each question with all its answers, those that are stored and the one that is coming.

export interface StoredMessage {
  id: string;
  role: 'user' | 'assistant';
  text: string;
  question_id: string | null;
  created_at: string;
}

/** An answer that is being asked for; what the API has not told yet is null. */
export interface Pending {
  id: string;
  query: string;
  questionId: string | null;
  messageId: string | null;
}

/** `pendingId` is where it comes from while it is not stored. */
export interface AnswerSlot<M> {
  key: string;
  stored: M | null;
  pendingId: string | null;
}

export interface Turn<M> {
  key: string;
  /** Null while the API has not said that the question is stored. */
  questionId: string | null;
  text: string;
  /** When it was stored; null while it is pending. */
  askedAt: string | null;
  answers: AnswerSlot<M>[];
}

/** An answer takes no longer than this, whoever asked for it. */
const ANSWERED_WITHIN_MS = 330_000;

/** Whether a question without an answer may still get one: another tab may have asked it. */
export function mayBeAnswered(askedAt: string | null, now: number): boolean {
  return askedAt !== null && now - Date.parse(askedAt) < ANSWERED_WITHIN_MS;
}

/** The turns in the order of their questions. What is stored goes before what is pending of the same id. */
export function turnsOf<M extends StoredMessage>(messages: readonly M[], pendings: readonly Pending[]): Turn<M>[] {
  const turns: Turn<M>[] = [];
  const byQuestion = new Map<string, Turn<M>>();
  for (const message of messages) {
    if (message.role === 'user') {
      const turn = {
        key: message.id,
        questionId: message.id,
        text: message.text,
        askedAt: message.created_at,
        answers: [],
      };
      byQuestion.set(message.id, turn);
      turns.push(turn);
    } else {
      const turn = byQuestion.get(message.question_id ?? '') ?? turns.at(-1);
      turn?.answers.push({ key: message.id, stored: message, pendingId: null });
    }
  }
  for (const pending of pendings) addPending(turns, pending);
  return turns;
}

function addPending<M extends StoredMessage>(turns: Turn<M>[], pending: Pending): void {
  const turn = turnFor(turns, pending) ?? newTurn(turns, pending);
  const isStored = turn.answers.some((answer) => answer.stored?.id === pending.messageId);
  if (!isStored) turn.answers.push({ key: pending.messageId ?? pending.id, stored: null, pendingId: pending.id });
}

function turnFor<M extends StoredMessage>(turns: Turn<M>[], pending: Pending): Turn<M> | undefined {
  if (pending.questionId !== null) return turns.find((turn) => turn.questionId === pending.questionId);
  // Read again meanwhile, the conversation has the question, and the API has not named it yet.
  const last = turns.at(-1);
  return last?.answers.length === 0 && last.text === pending.query ? last : undefined;
}

function newTurn<M extends StoredMessage>(turns: Turn<M>[], pending: Pending): Turn<M> {
  const turn = {
    key: pending.questionId ?? pending.id,
    questionId: pending.questionId,
    text: pending.query,
    askedAt: null,
    answers: [],
  };
  turns.push(turn);
  return turn;
}

/** Whether drawing one in place of the other would change nothing. */
export function isSameTurn<M>(one: Turn<M>, other: Turn<M>): boolean {
  return (
    one.key === other.key &&
    one.questionId === other.questionId &&
    one.text === other.text &&
    one.answers.length === other.answers.length &&
    one.answers.every((answer, index) => isSameSlot(answer, other.answers[index]))
  );
}

function isSameSlot<M>(one: AnswerSlot<M>, other: AnswerSlot<M> | undefined): boolean {
  return one.key === other?.key && one.stored === other.stored && one.pendingId === other.pendingId;
}

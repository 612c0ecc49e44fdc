// One answer while it comes, as values: asking → speaking → ended, or refused before the first word.
import type { ChatEvent, Passage } from '@/api/events';
import type { Problem } from '@/api/problem';
import type { Pending } from '@/lib/turns';

export interface Asked {
  query: string;
  taskType: string | null;
  /** The stored question that is asked again; null for a new one. */
  questionId: string | null;
  /** Milliseconds since the epoch, as all times here. */
  at: number;
}

export type Started = Omit<Extract<ChatEvent, { kind: 'started' }>, 'kind'>;

export type Ending =
  | Extract<ChatEvent, { kind: 'finished' }>
  | { kind: 'error'; code: string; detail: string }
  | { kind: 'stopped' };

interface Spoken {
  asked: Asked;
  started: Started;
  passages: readonly Passage[];
  text: string;
  firstTokenAt: number | null;
}

export type LiveTurn =
  | { phase: 'asking'; asked: Asked }
  | { phase: 'refused'; asked: Asked; problem: Problem }
  /** Stopped by the reader before a model spoke. */
  | { phase: 'given_up'; asked: Asked }
  | (Spoken & { phase: 'speaking' })
  | (Spoken & { phase: 'ended'; ending: Ending; endedAt: number });

export type ChatAction =
  | ChatEvent
  | { kind: 'asked'; asked: Asked }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'stopped' };

/** What becomes of a turn, null before it is asked; an action that does not fit its phase changes nothing. */
export function reduceTurn(turn: LiveTurn | null, action: ChatAction, at: number): LiveTurn | null {
  if (action.kind === 'asked') return { phase: 'asking', asked: action.asked };
  if (turn?.phase === 'asking') return afterAsking(turn, action);
  if (turn?.phase === 'speaking') return afterSpeaking(turn, action, at);
  return turn;
}

function afterAsking(turn: LiveTurn & { phase: 'asking' }, action: ChatAction): LiveTurn {
  const { asked } = turn;
  switch (action.kind) {
    case 'started': {
      const { kind: _, ...started } = action;
      return { phase: 'speaking', asked, started, passages: [], text: '', firstTokenAt: null };
    }
    case 'refused':
      return { phase: 'refused', asked: storedBy(asked, action.problem), problem: action.problem };
    case 'stopped':
      return { phase: 'given_up', asked };
    default:
      return turn;
  }
}

/** The problem says where the question was stored, if it was. */
function storedBy(asked: Asked, problem: Problem): Asked {
  return { ...asked, questionId: problem.body.question_id ?? asked.questionId };
}

function afterSpeaking(turn: Spoken & { phase: 'speaking' }, action: ChatAction, at: number): LiveTurn {
  switch (action.kind) {
    case 'sources':
      return { ...turn, passages: action.passages };
    case 'delta':
      return { ...turn, text: turn.text + action.text, firstTokenAt: turn.firstTokenAt ?? at };
    case 'finished':
      return ended(turn, action, at);
    case 'error':
      return ended(turn, { kind: 'error', code: action.code, detail: action.detail }, at);
    case 'refused':
      return ended(turn, { kind: 'error', code: action.problem.code, detail: action.problem.message }, at);
    case 'stopped':
      return ended(turn, { kind: 'stopped' }, at);
    default:
      return turn;
  }
}

function ended(turn: Spoken, ending: Ending, endedAt: number): LiveTurn {
  return { ...turn, phase: 'ended', ending, endedAt };
}

/** What the thread must know of a turn: all but its words, which change too often. */
export interface TurnHead extends Pending {
  phase: LiveTurn['phase'];
}

export function headOf(id: string, turn: LiveTurn): TurnHead {
  const started = 'started' in turn ? turn.started : null;
  return {
    id,
    query: turn.asked.query,
    questionId: started?.question_id ?? turn.asked.questionId,
    messageId: started?.message_id ?? null,
    phase: turn.phase,
  };
}

export function isSameHead(one: TurnHead | undefined, other: TurnHead): boolean {
  return (
    one?.phase === other.phase &&
    one.query === other.query &&
    one.questionId === other.questionId &&
    one.messageId === other.messageId
  );
}

export function isLive(phase: LiveTurn['phase'] | undefined): boolean {
  return phase === 'asking' || phase === 'speaking';
}

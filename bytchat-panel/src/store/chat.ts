// The answers that are coming, whatever page is open. A place is a conversation's id, or the draft of a bot.
import { create } from 'zustand';
import { isAbort } from '@/api/client';
import type { ChatEvent } from '@/api/events';
import { networkProblem, Problem } from '@/api/problem';
import { askAgain, askBot } from '@/api/stream';
import { batchByFrame, type FrameBatch } from '@/lib/frames';
import {
  type Asked,
  type ChatAction,
  headOf,
  isLive,
  isSameHead,
  type LiveTurn,
  reduceTurn,
  type TurnHead,
} from './chatReducer';
import { useSession } from './session';

export interface Question {
  query: string;
  taskType?: string | null;
  /** The stored question to answer again; without it a new one is asked. */
  questionId?: string | null;
}

/** Told to whoever asked, on whatever page the reader is by then. */
export interface AskListener {
  /** The question is stored in this conversation. */
  onPlaced: (conversationId: string, query: string) => void;
  onEnded: (place: string) => void;
}

interface Chat {
  turns: Readonly<Record<string, LiveTurn>>;
  heads: Readonly<Record<string, TurnHead>>;
  /** The turns of each place, the oldest first. */
  places: Readonly<Record<string, readonly string[]>>;
  /** What is typed and not sent, by place. */
  drafts: Readonly<Record<string, string>>;
  ask: (botId: string, place: string, question: Question, listener: AskListener) => void;
  /** Once more what was refused. */
  resend: (botId: string, place: string, id: string, listener: AskListener) => void;
  stop: (place: string) => void;
  dismiss: (place: string, id: string) => void;
  setDraft: (place: string, text: string) => void;
  leave: () => void;
}

const NOTHING = { turns: {}, heads: {}, places: {}, drafts: {} };
const KEPT_TURNS = 20;
const running = new Map<string, { controller: AbortController; deltas: FrameBatch }>();

export const draftOf = (botId: string) => `draft:${botId}`;

export const useChat = create<Chat>()((set, get) => ({
  ...NOTHING,

  ask(botId, place, { query, taskType = null, questionId = null }, listener) {
    if (liveIdOf(get(), place)) return;
    const id = crypto.randomUUID();
    const kept = (get().places[place] ?? []).filter((one) => get().turns[one]?.phase !== 'given_up');
    set(({ places }) => ({ places: { ...places, [place]: [...kept.slice(-KEPT_TURNS), id] } }));
    begin(id, botId, { query, taskType, questionId, at: Date.now() }, listener);
  },

  resend(botId, place, id, listener) {
    const turn = get().turns[id];
    if (!turn || liveIdOf(get(), place)) return;
    begin(id, botId, { ...turn.asked, at: Date.now() }, listener);
  },

  stop(place) {
    const id = liveIdOf(get(), place);
    if (!id) return;
    const run = running.get(id);
    run?.deltas.flush();
    dispatch(id, { kind: 'stopped' });
    run?.controller.abort();
  },

  dismiss(place, id) {
    set(({ places }) => ({ places: { ...places, [place]: (places[place] ?? []).filter((one) => one !== id) } }));
  },

  setDraft: (place, text) => set(({ drafts }) => ({ drafts: { ...drafts, [place]: text } })),

  leave() {
    for (const { controller } of running.values()) controller.abort();
    set(NOTHING);
  },
}));

/** The turn of a place that is being answered; there is one at most. */
export function liveIdOf(chat: Pick<Chat, 'places' | 'heads'>, place: string): string | undefined {
  return chat.places[place]?.find((id) => isLive(chat.heads[id]?.phase));
}

function begin(id: string, botId: string, asked: Asked, listener: AskListener): void {
  const place = placeOf(id);
  if (place === undefined) return;
  dispatch(id, { kind: 'asked', asked });
  const question = {
    query: asked.query,
    ...(place === draftOf(botId) ? {} : { conversation_id: place }),
    ...(asked.taskType ? { task_type: asked.taskType } : {}),
  };
  void follow(
    id,
    (signal) => (asked.questionId ? askAgain(asked.questionId, signal) : askBot(botId, question, signal)),
    listener,
  );
}

/** Reads an answer to its end, however it ends. */
async function follow(
  id: string,
  open: (signal: AbortSignal) => AsyncGenerator<ChatEvent>,
  listener: AskListener,
): Promise<void> {
  const controller = new AbortController();
  const deltas = batchByFrame((text) => dispatch(id, { kind: 'delta', text }));
  running.set(id, { controller, deltas });
  let last: ChatAction = { kind: 'refused', problem: networkProblem() };
  try {
    for await (const event of open(controller.signal)) take(id, event, deltas, listener);
  } catch (error) {
    last = lastOf(error);
  }
  deltas.flush();
  if (running.get(id)?.controller === controller) running.delete(id);
  settle(id, last, listener);
}

function take(id: string, event: ChatEvent, deltas: FrameBatch, listener: AskListener): void {
  if (event.kind === 'delta') {
    deltas.add(event.text);
    return;
  }
  deltas.flush();
  dispatch(id, event);
  if (event.kind === 'started') move(id, event.conversation_id, listener);
}

function lastOf(error: unknown): ChatAction {
  if (isAbort(error)) return { kind: 'stopped' };
  return { kind: 'refused', problem: error instanceof Problem ? error : new Problem(0, 'internal_error') };
}

/** The last word on a turn; nothing where its own last event has come. */
function settle(id: string, last: ChatAction, listener: AskListener): void {
  dispatch(id, last);
  const turn = useChat.getState().turns[id];
  const storedIn = turn?.phase === 'refused' ? turn.problem.body.conversation_id : null;
  if (storedIn) move(id, storedIn, listener);
  const place = placeOf(id);
  if (place !== undefined) listener.onEnded(place);
}

function dispatch(id: string, action: ChatAction): void {
  useChat.setState((chat) => {
    const before = chat.turns[id] ?? null;
    const turn = reduceTurn(before, action, Date.now());
    if (turn === null || turn === before) return chat;
    const head = headOf(id, turn);
    const heads = isSameHead(chat.heads[id], head) ? chat.heads : { ...chat.heads, [id]: head };
    return { turns: { ...chat.turns, [id]: turn }, heads };
  });
}

/** The question is stored: a draft's has become a conversation. */
function move(id: string, conversationId: string, listener: AskListener): void {
  const place = placeOf(id);
  if (place === undefined) return;
  if (place !== conversationId) {
    useChat.setState(({ places, drafts }) => ({
      places: {
        ...places,
        [place]: (places[place] ?? []).filter((one) => one !== id),
        [conversationId]: [...(places[conversationId] ?? []), id],
      },
      // What is being typed goes on below its conversation.
      drafts: { ...drafts, [place]: '', [conversationId]: drafts[place] ?? '' },
    }));
  }
  listener.onPlaced(conversationId, useChat.getState().turns[id]?.asked.query ?? '');
}

function placeOf(id: string): string | undefined {
  const { places } = useChat.getState();
  return Object.keys(places).find((place) => places[place]?.includes(id));
}

useSession.subscribe((now, before) => {
  if (now.token !== before.token && before.token !== null) useChat.getState().leave();
});

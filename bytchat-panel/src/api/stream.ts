// Server-sent events over fetch, which alone can send a body and a token: bytes in, typed events out.
import { createParser } from 'eventsource-parser';
import { API_URL, callHeaders, isAbort, reportRefusal } from './client';
import type { ChatEvent, TrainingEvent } from './events';
import { networkProblem, toProblem } from './problem';
import type { BotDocument } from './types';

const LONGEST_SILENCE_MS = 45_000;

/** One event as it is on the wire. */
export interface WireEvent {
  event: string;
  data: string;
}

/**
 * The events of a body of bytes, wherever its chunks are cut; what follows the last blank line is dropped. Throws
 * `AbortError` once `signal` says so, even where the body would wait for more, and a
 * `network` problem where it says nothing for too long.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<WireEvent> {
  const ready: WireEvent[] = [];
  const parser = createParser({
    onEvent: (event) => ready.push({ event: event.event ?? 'message', data: event.data }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  // Whoever stops reading stops the server too.
  const leave = () => void reader.cancel().catch(() => {});
  signal?.addEventListener('abort', leave);
  try {
    while (true) {
      const { done, value } = await withinSilence(reader.read());
      signal?.throwIfAborted();
      if (value) parser.feed(decoder.decode(value, { stream: true }));
      yield* ready.splice(0);
      if (done) return;
    }
  } finally {
    signal?.removeEventListener('abort', leave);
    leave();
  }
}

/** The API says something at least every 15 s; where it does not, nobody is there any more. */
async function withinSilence<T>(read: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(networkProblem()), LONGEST_SILENCE_MS);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ask a bot. Throws a `Problem` where the API answers with a status, `AbortError` when `signal` says so. */
export function askBot(
  botId: string,
  question: { query: string; conversation_id?: string; task_type?: string },
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  return chatEvents(`/chat/${botId}`, question, signal);
}

/** Have a question answered again; the id is the question's or that of one of its answers. */
export function askAgain(messageId: string, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  return chatEvents(`/messages/${messageId}/retry`, undefined, signal);
}

/** A document at each change while anything of the bot is in training, then `finished`. */
export async function* followTraining(botId: string, signal: AbortSignal): AsyncGenerator<TrainingEvent> {
  for await (const { event, data } of openStream('GET', `/bots/${botId}/documents/events`, undefined, signal)) {
    if (event === 'progress') yield { kind: 'progress', document: JSON.parse(data) as BotDocument };
    if (event === 'finished') yield { kind: 'finished' };
  }
}

async function* chatEvents(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  for await (const { event, data } of openStream('POST', path, body, signal)) {
    yield { kind: event, ...(JSON.parse(data) as object) } as ChatEvent;
  }
}

async function* openStream(
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): AsyncGenerator<WireEvent> {
  const headers: Record<string, string> = { ...callHeaders(), Accept: 'text/event-stream' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${API_URL}${path}`, { method, headers, signal, ...sent });
    reportRefusal(response.status, headers.Authorization?.slice('Bearer '.length) ?? null);
    if (!response.ok || !response.body) throw toProblem(response, await response.json().catch(() => null));
    yield* readEvents(response.body, signal);
  } catch (error) {
    if (isAbort(error) || !(error instanceof TypeError)) throw error;
    // What fetch throws when the connection breaks.
    throw networkProblem();
  }
}

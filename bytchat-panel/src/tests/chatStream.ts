// The answer of a bot as a test dictates it, event by event.
import { HttpResponse } from 'msw';
import type { AnswerUsage, ChatEvent, Passage } from '@/api/events';
import type { Citation } from '@/api/types';

export const A_CONVERSATION_ID = '01955000-0000-7000-8000-00000000c001';
export const A_QUESTION_ID = '01955000-0000-7000-8000-00000000c002';
export const A_MESSAGE_ID = '01955000-0000-7000-8000-00000000c003';

const USAGE: AnswerUsage = { input_tokens: 120, output_tokens: 9, estimated: true, cost_micro_usd: null };

export function aStarted(given: Partial<Extract<ChatEvent, { kind: 'started' }>> = {}): ChatEvent {
  return {
    kind: 'started',
    message_id: A_MESSAGE_ID,
    conversation_id: A_CONVERSATION_ID,
    question_id: A_QUESTION_ID,
    model: 'gpt-5-mini',
    provider: 'openai',
    task_type: 'general',
    reason: 'una pregunta corta',
    ...given,
  };
}

export function aPassage(given: Partial<Passage> = {}): Passage {
  const where = {
    document_id: '01955000-0000-7000-8000-00000000d001',
    filename: 'tienda.es.txt',
    start: 10,
    end: 34,
  };
  return { n: 1, ...where, quote: 'La Molinera cuesta 729 €', score: 0.9, ...given };
}

export const said = (text: string): ChatEvent => ({ kind: 'delta', text });
export const finished = (
  finish: 'stop' | 'length' | 'blocked' = 'stop',
  citations: readonly Citation[] = [],
): ChatEvent => ({ kind: 'finished', finish, usage: USAGE, citations: [...citations] });

/** `send` events while the panel reads them; then `end`. `isLeft` once the panel has given up the request. */
export function answerStream() {
  const encoder = new TextEncoder();
  let writer: ReadableStreamDefaultController<Uint8Array> | undefined;
  let signal: AbortSignal | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      writer = controller;
    },
  });
  return {
    response(request?: Request) {
      signal = request?.signal;
      return new HttpResponse(body, { headers: { 'Content-Type': 'text/event-stream' } });
    },
    send(...events: ChatEvent[]) {
      for (const { kind, ...data } of events) {
        writer?.enqueue(encoder.encode(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`));
      }
    },
    end: () => writer?.close(),
    isLeft: () => signal?.aborted ?? false,
  };
}

/** A whole answer at once. */
export function answered(...events: ChatEvent[]) {
  const stream = answerStream();
  stream.send(...events);
  stream.end();
  return stream.response();
}

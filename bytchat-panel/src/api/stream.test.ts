import fc from 'fast-check';
import { http as anyHttp, HttpResponse } from 'msw';
import { describe, expect, test, vi } from 'vitest';
import { API, server } from '@/tests/server';
import { Problem } from './problem';
import { askBot, readEvents, type WireEvent } from './stream';

const encoder = new TextEncoder();

function bodyOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const event of events) read.push(event);
  return read;
}

function frame({ event, data }: WireEvent): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

const DELTAS: WireEvent[] = ['Cañón 😀', 'ñ€', '[1]', '', '日本'].map((text) => ({
  event: 'delta',
  data: JSON.stringify({ text }),
}));

describe('the events of a body', () => {
  test('are the same wherever its bytes are cut, within a letter as well', async () => {
    const bytes = encoder.encode(`: latido\n\n${DELTAS.map(frame).join('')}`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(await all(readEvents(bodyOf([bytes.slice(0, cut), bytes.slice(cut)])))).toEqual(DELTAS);
    }
  });

  test('are those that were sent, in any number of pieces', async () => {
    const words = fc.record({ event: fc.constantFrom('delta', 'sources'), data: fc.json() });
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), async (sent, size) => {
        const bytes = encoder.encode(sent.map(frame).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.slice(i * size, (i + 1) * size),
        );
        expect(await all(readEvents(bodyOf(chunks)))).toEqual(sent);
      }),
      { numRuns: 60 },
    );
  });

  test('do not hold one that was cut off', async () => {
    const bytes = encoder.encode('event: delta\ndata: {"text":"a"}\n\nevent: delta\ndata: {"te');

    expect(await all(readEvents(bodyOf([bytes])))).toHaveLength(1);
  });

  test('end the stream when their reader leaves', async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encoder.encode(frame({ event: 'delta', data: '{"text":"a"}' }))),
      cancel: () => {
        isCancelled = true;
      },
    });

    for await (const _ of readEvents(body)) break;

    expect(isCancelled).toBe(true);
  });
});

describe('asking a bot', () => {
  const signal = new AbortController().signal;

  test('gives typed events', async () => {
    const said = frame({ event: 'delta', data: '{"text":"Hola"}' });
    server.use(anyHttp.post(`${API}/chat/b`, () => new HttpResponse(said)));

    expect(await all(askBot('b', { query: 'q' }, signal))).toEqual([{ kind: 'delta', text: 'Hola' }]);
  });

  test('throws the problem that the API answers', async () => {
    const body = { code: 'no_model', detail: 'Vacía.', status: 409 };
    server.use(anyHttp.post(`${API}/chat/b`, () => HttpResponse.json(body, { status: 409 })));

    await expect(all(askBot('b', { query: 'q' }, signal))).rejects.toMatchObject({ code: 'no_model', status: 409 });
  });

  test('says that the network failed when nothing answers', async () => {
    server.use(anyHttp.post(`${API}/chat/b`, () => HttpResponse.error()));

    const asking = all(askBot('b', { query: 'q' }, signal));

    await expect(asking).rejects.toBeInstanceOf(Problem);
    await expect(asking).rejects.toMatchObject({ code: 'network' });
  });
});

test('a body that says nothing for longer than its pings is given up', async () => {
  vi.useFakeTimers();
  const silent = new ReadableStream<Uint8Array>();

  const reading = expect(readEvents(silent).next()).rejects.toMatchObject({ code: 'network' });
  await vi.advanceTimersByTimeAsync(45_000);

  await reading;
  vi.useRealTimers();
});

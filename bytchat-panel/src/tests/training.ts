// What tests of training share: the bot around a page, a stream of progress, and room for rows that are drawn on demand.
import { HttpResponse, http as plainHttp } from 'msw';
import { vi } from 'vitest';
import type { Bot, BotDocument } from '@/api/types';
import { aBot } from './factories';
import { API, http, server } from './server';

/** A bot whose pages can be opened, with these documents. */
export function serveBot(documents: BotDocument[] = [], bot: Bot = aBot()): Bot {
  server.use(
    http.get('/bots/', ({ response }) => response(200).json([bot])),
    http.get('/bots/{bot_id}', ({ response }) => response(200).json(bot)),
    http.get('/bots/{bot_id}/documents/', ({ response }) => response(200).json(documents)),
  );
  return bot;
}

/** A stream of training that the test writes to. */
export class Progress {
  private readonly encoder = new TextEncoder();
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  opened = 0;

  constructor() {
    server.use(
      plainHttp.get(`${API}/bots/:bot/documents/events`, () => {
        this.opened++;
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            this.controller = controller;
          },
        });
        return new HttpResponse(body, { headers: { 'Content-Type': 'text/event-stream' } });
      }),
    );
  }

  async tell(document: BotDocument): Promise<void> {
    await vi.waitUntil(() => this.controller);
    this.controller?.enqueue(this.encoder.encode(`event: progress\ndata: ${JSON.stringify(document)}\n\n`));
  }

  finish(): void {
    this.controller?.enqueue(this.encoder.encode('event: finished\ndata: {}\n\n'));
    this.controller?.close();
    this.controller = undefined;
  }

  breakOff(): void {
    this.controller?.error(new TypeError('The connection broke.'));
    this.controller = undefined;
  }
}

/** Elements of a size that scroll, since without one nothing virtual is drawn. For a test file's `beforeEach`. */
export function giveElementsRoom(): void {
  for (const [name, pixels] of Object.entries({
    clientWidth: 800,
    offsetWidth: 800,
    clientHeight: 600,
    scrollHeight: 1_000_000,
    offsetHeight: 600,
  })) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => pixels });
  }
  HTMLElement.prototype.scrollTo = function scrollTo(this: HTMLElement, to?: ScrollToOptions | number) {
    this.scrollTop = typeof to === 'object' ? (to.top ?? 0) : 0;
    this.dispatchEvent(new Event('scroll'));
  };
}

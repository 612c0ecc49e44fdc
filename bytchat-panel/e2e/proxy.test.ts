// What the panel's own server passes on of an API that dies: never half an answer that seems to go on.
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { needsOwnPlatform } from './given.ts';
import { startPanel } from './platform.ts';
import { freePorts, waitUntil } from './process.ts';

needsOwnPlatform();

/** An API that begins to answer and dies, but for the panel's own page. */
async function dyingApi(): Promise<Server> {
  const server = createServer((_, answer) => {
    answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
    answer.write('event: delta\ndata: {"text":"Hola"}\n\n', () => answer.socket?.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

/** Whether the answer came to its end; fetch takes any end of a closing connection for one. */
function readWhole(address: string): Promise<boolean> {
  return new Promise((tell, fail) => {
    const asked = request(address, { method: 'POST' }, (answer) => {
      answer.resume().on('error', () => {});
      answer.on('close', () => tell(answer.complete));
    });
    asked.on('error', fail).end();
  });
}

test('an answer that the API breaks off is broken off for the browser too', async () => {
  const api = await dyingApi();
  const [port] = (await freePorts(1)).map(String);
  const panelUrl = `http://127.0.0.1:${port}`;
  const panel = startPanel({ port: port ?? '', apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}` });
  const isThere = () =>
    fetch(panelUrl).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitUntil(isThere, { withinMs: 30_000, what: panelUrl });

  const isWhole = await readWhole(`${panelUrl}/api/chat/x`);

  expect(isWhole).toBe(false);
  await panel.stop();
  api.close();
});

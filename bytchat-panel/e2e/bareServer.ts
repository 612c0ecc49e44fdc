// The built panel from a server that sends no policy at all: what holds here holds by the panel's own care.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { extname, join, resolve } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.woff2': 'font/woff2',
};

export interface BareServer {
  url: string;
  stop: () => Promise<void>;
}

/** Serve `bundle`, with `/api` handed on to `apiUrl` where there is one. */
export async function startBareServer({ bundle = 'dist', apiUrl, port = 0 }: BareOptions): Promise<BareServer> {
  const folder = resolve(import.meta.dirname, '..', bundle);
  const server = createServer((asked, answer) => {
    const path = decodeURI((asked.url ?? '/').split('?', 1)[0] ?? '/');
    if (apiUrl && path.startsWith('/api/')) handOn(asked, answer, apiUrl);
    else void sendFile(answer, folder, path);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${portOf(server)}`, stop: () => close(server) };
}

interface BareOptions {
  bundle?: string;
  apiUrl?: string;
  port?: number;
}

function handOn(asked: IncomingMessage, answer: ServerResponse, apiUrl: string): void {
  const path = (asked.url ?? '').replace(/^\/api/, '');
  const passed = request(`${apiUrl}${path}`, { method: asked.method, headers: asked.headers }, (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers);
    given.pipe(answer);
  });
  passed.on('error', () => answer.destroy());
  // Who leaves the stream leaves the API too.
  answer.on('close', () => passed.destroy());
  asked.pipe(passed);
}

async function sendFile(answer: ServerResponse, folder: string, path: string): Promise<void> {
  const wanted = join(folder, path);
  const isInside = wanted.startsWith(folder) && extname(wanted) !== '';
  const file = isInside ? wanted : join(folder, 'index.html');
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) answer.writeHead(404).end();
  else answer.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(bytes);
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

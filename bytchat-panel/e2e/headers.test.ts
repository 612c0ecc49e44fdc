// OUT-2: whatever the panel's server answers says what a browser may do with it: its own, or nginx at PANEL_URL.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { contentSecurityPolicy, securityHeaders } from '../security.ts';
import { isGiven } from './given.ts';
import { startPanel } from './platform.ts';
import { freePorts, type Running, waitUntil } from './process.ts';

interface Asked {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  status: number;
  /** What nginx says instead, where the two are of different minds about a request that no panel sends. */
  fromNginx?: number;
}

const OWN: [what: string, asked: Asked][] = [
  ['the index', { path: '/', status: 200 }],
  ['a deep link', { path: '/bots/019c0000-0000-7000-8000-000000000000/chat', status: 200 }],
  ['a page that is not there', { path: '/no/hay/nada', status: 200 }],
  ['a script', { path: '/theme.js', status: 200 }],
  ['a picture', { path: '/favicon.svg', status: 200 }],
  ['a path that cannot be decoded', { path: '/%', status: 404, fromNginx: 400 }],
  ['a path that climbs', { path: '/../../etc/passwd', status: 200, fromNginx: 400 }],
  ['an encoded path that climbs', { path: '/%2e%2e/%2e%2e/etc/passwd', status: 200, fromNginx: 400 }],
  ['a path that looks like a host', { path: '//evil.example/x', status: 200 }],
  ['a method that it has not', { method: 'POST', path: '/', status: 404, fromNginx: 403 }],
  ['a method that it has not on a page', { method: 'DELETE', path: '/bots', status: 404, fromNginx: 403 }],
  [
    'OPTIONS',
    { method: 'OPTIONS', path: '/', headers: { Origin: 'http://evil.example' }, status: 404, fromNginx: 403 },
  ],
  [
    'a range beyond the end',
    { path: '/theme.js', headers: { Range: 'bytes=99999999-' }, status: 416, fromNginx: 200 },
  ],
  ['a host name that is not its own', { path: '/', headers: { Host: 'evil.example' }, status: 200 }],
  ['an asset that is not there', { path: '/assets/index-0000.js', status: 404 }],
  ['a folder of assets', { path: '/assets//', status: 200, fromNginx: 404 }],
];

const THROUGH: [what: string, asked: Asked][] = [
  ['an answer of the API', { path: '/api/', status: 200 }],
  ['a refusal of the API', { path: '/api/bots/', status: 401 }],
  ['a path that the API has not', { path: '/api/nada', status: 404 }],
  ['a method that the API has not', { method: 'DELETE', path: '/api/', status: 405 }],
  ['a body that the API cannot read', { method: 'POST', path: '/api/users/', status: 422 }],
];

const WANTED = Object.entries(securityHeaders('')).map(([name, value]) => [name.toLowerCase(), value] as const);

test.each(OWN)('OUT-2: %s carries every header of the panel', async (_, asked) => {
  const { status, headers } = await ask(inject('panelUrl'), asked);

  expect.soft([asked.status, asked.fromNginx]).toContain(status);
  expect(Object.fromEntries(WANTED.map(([name]) => [name, headers[name]]))).toEqual(Object.fromEntries(WANTED));
});

test.each(OWN)('OUT-2: %s lets no other origin read it', async (_, asked) => {
  const headers = { Origin: 'http://localhost:9', ...asked.headers };

  const answer = await ask(inject('panelUrl'), { ...asked, headers });

  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

test.each(THROUGH)('OUT-2: %s that comes through the panel cannot be a page', async (_, asked) => {
  const { status, headers } = await ask(inject('panelUrl'), asked);

  expect.soft(status).toBe(asked.status);
  expect(String(headers['content-security-policy'])).toContain("default-src 'none'");
  expect(String(headers['content-security-policy'])).toContain("frame-ancestors 'none'");
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBeDefined();
});

test('OUT-2: a climbing path gives the index or a refusal, and no file of the system', async () => {
  const { status, body } = await ask(inject('panelUrl'), { path: '/../../../../etc/passwd', status: 200 });

  expect(body).not.toContain('root:');
  expect(status === 400 || body.includes('<div id="root">')).toBe(true);
});

test('OUT-2: every script and style of the index is there, with its type and the headers', async () => {
  const { body } = await ask(inject('panelUrl'), { path: '/', status: 200 });
  const files = [...body.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? '');

  for (const path of files) {
    const { status, headers } = await ask(inject('panelUrl'), { path, status: 200 });
    expect.soft(status).toBe(200);
    expect.soft(headers['content-type']).toMatch(path.endsWith('.css') ? /css/ : /javascript/);
    expect.soft(headers['content-security-policy']).toBe(contentSecurityPolicy(''));
  }
  expect(files.length).toBeGreaterThanOrEqual(3);
});

test('OUT-2: the policy names each source that it allows, none of them a wildcard or a word that opens it', () => {
  const directives = contentSecurityPolicy('https://api.example:8443/v1').split('; ');

  expect(directives).toContain("default-src 'none'");
  expect(directives).toContain("frame-ancestors 'none'");
  expect(directives).toContain("base-uri 'none'");
  expect(directives).toContain("form-action 'none'");
  expect(directives).toContain("connect-src 'self' https://api.example:8443");
  expect(directives.join()).not.toMatch(/unsafe-|\*|https:(?!\/\/)|http:(?!\/\/)|blob:/);
});

describe.skipIf(isGiven)('while the API is down', () => {
  let panel: Running;
  let url: string;

  beforeAll(async () => {
    const [port, nobody] = await freePorts(2);
    url = `http://127.0.0.1:${port}`;
    panel = startPanel({ port: String(port), apiUrl: `http://127.0.0.1:${nobody}` });
    const answers = () => ask(url, { path: '/', status: 200 }).then(Boolean, () => false);
    await waitUntil(answers, { withinMs: 30_000, what: url });
  });
  afterAll(() => panel.stop());

  test('OUT-2: the failure that the panel answers in its place carries the headers too', async () => {
    const { status, headers, body } = await ask(url, { path: '/api/bots/', status: 502 });

    expect.soft(status).toBe(502);
    expect(headers).toMatchObject(Object.fromEntries(WANTED));
    expect(body).not.toMatch(/at .+\.js:\d+|node_modules/);
  });
});

interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Without what `fetch` does to a path, a host or a method. */
function ask(base: string, { method = 'GET', path, headers = {} }: Asked): Promise<Answered> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() });
    });
    sent.on('error', reject).end();
  });
}

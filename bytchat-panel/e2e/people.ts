// People with accounts, and what they have, made through the API: tests begin where their fact begins.
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { Bot, BotDocument, User } from '@/api/types';
import { waitUntil } from './process.ts';

export const PASSWORD = 'una-clave-muy-larga-9';

export interface Model {
  task_type: string;
  provider: 'google' | 'openai' | 'local';
  model_id: string;
}

/** Somebody with an account, logged in. */
export class Person {
  readonly email: string;
  readonly token: string;

  private constructor(email: string, token: string) {
    this.email = email;
    this.token = token;
  }

  static async register(): Promise<Person> {
    const email = newEmail();
    await send<User>('POST', '/users/', { body: { email, password: PASSWORD } });
    return Person.logIn(email);
  }

  static async logIn(email: string, password = PASSWORD, userAgent?: string): Promise<Person> {
    const form = new URLSearchParams({ username: email, password });
    const { access_token: token } = await send<{ access_token: string }>('POST', '/token', {
      body: form,
      ...(userAgent !== undefined && { userAgent }),
    });
    return new Person(email, token);
  }

  /** Any call of the API as this person. Throws where the status is an error. */
  call<T>(method: string, path: string, body?: Body): Promise<T> {
    return send<T>(method, path, { token: this.token, ...(body === undefined ? {} : { body }) });
  }

  newBot(name = 'Tornavía', models?: Model[]): Promise<Bot> {
    return this.call('POST', '/bots/', { name, ...(models ? { initial_configs: models } : {}) });
  }

  /** A bot whose one model follows a script, such as `say=Hola [1].;pace_ms=20`. */
  scriptedBot(script: string, name = 'Tornavía'): Promise<Bot> {
    return this.newBot(name, [{ task_type: 'general', provider: 'openai', model_id: script }]);
  }

  upload(botId: string, text: string, filename = 'notas.txt'): Promise<BotDocument> {
    const form = new FormData();
    form.append('file', new Blob([text], { type: 'text/plain' }), filename);
    return this.call('POST', `/bots/${botId}/train`, form);
  }

  /** Upload and wait until its words can be searched. */
  async train(botId: string, text: string, filename?: string): Promise<BotDocument> {
    const { id } = await this.upload(botId, text, filename);
    const isSearchable = async () => (await this.document(botId, id)).searchable;
    await waitUntil(isSearchable, { withinMs: 60_000, what: `${filename} is searchable` });
    return this.document(botId, id);
  }

  document(botId: string, documentId: string): Promise<BotDocument> {
    return this.call('GET', `/bots/${botId}/documents/${documentId}`);
  }

  /** Wait until every vector is there too. */
  async untilReady(botId: string, documentId: string): Promise<void> {
    const isReady = async () => (await this.document(botId, documentId)).status === 'ready';
    await waitUntil(isReady, { withinMs: 240_000, what: 'the document is ready' });
  }

  /** Ask and wait for the whole answer. */
  async ask(botId: string, query: string): Promise<string> {
    return send('POST', `/chat/${botId}`, { token: this.token, body: { query } });
  }
}

export const newEmail = () => `${randomUUID()}@ejemplo.com`;

type Body = FormData | URLSearchParams | object;

interface Sent {
  body?: Body;
  token?: string;
  /** What the program calls itself; Node's own name unless told. */
  userAgent?: string;
}

async function send<T>(method: string, path: string, { body, token, userAgent }: Sent): Promise<T> {
  const isForm = body instanceof FormData || body instanceof URLSearchParams;
  const answer = await fetch(`${inject('apiUrl')}${path}`, {
    method,
    headers: {
      ...(userAgent !== undefined && { 'User-Agent': userAgent }),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body && !isForm ? { 'Content-Type': 'application/json' } : {}),
    },
    body: body === undefined ? null : isForm ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : text) as T;
}

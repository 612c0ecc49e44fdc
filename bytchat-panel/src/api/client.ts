// The one way to the API: typed calls, the session's token on each, every failure a `Problem`.
import createClient, { type Middleware } from 'openapi-fetch';
import { networkProblem, toProblem } from './problem';
import type { paths } from './schema';

/** Where the API is: a path behind the panel's own server, or an origin of its own (`VITE_API_URL`). */
export const API_URL: string = (import.meta.env.VITE_API_URL || '/api').replace(/\/$/, '');

/** What calls need to know of the session, which lives higher up. */
export interface Credentials {
  token: () => string | null;
  language: () => string;
  /** The API refused this token: it has expired or was revoked. */
  refused: (token: string) => void;
}

let credentials: Credentials = { token: () => null, language: () => 'es', refused: () => {} };

export function connectCredentials(connected: Credentials): void {
  credentials = connected;
}

/** The headers of a call that does not go through `api`. */
export function callHeaders(token = credentials.token()): Record<string, string> {
  return { 'Accept-Language': credentials.language(), ...(token ? { Authorization: `Bearer ${token}` } : {}) };
}

/** Tell the session when it was its token that was refused, and not a later one. */
export function reportRefusal(status: number, token: string | null): void {
  if (status === 401 && token !== null) credentials.refused(token);
}

const middleware: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(callHeaders())) {
      if (!request.headers.has(name)) request.headers.set(name, value);
    }
  },
  async onResponse({ request, response }) {
    if (response.status !== 401 || (await isAboutPassword(response))) return;
    reportRefusal(response.status, request.headers.get('Authorization')?.slice('Bearer '.length) ?? null);
  },
};

/** A password that was wrong says nothing about the session of who typed it. */
async function isAboutPassword(response: Response): Promise<boolean> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return toProblem(response, body).code === 'wrong_credentials';
}

export const api = createClient<paths>({ baseUrl: API_URL, fetch: (request) => globalThis.fetch(request) });
api.use(middleware);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the call gives. Throws a `Problem`, or the `AbortError` of a call that was given up. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await unwrapWithResponse(call)).data;
}

/** The same, beside the response for those who need a header. */
export async function unwrapWithResponse<T>(call: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  const answer = await call.catch((error: unknown) => {
    throw isAbort(error) ? error : networkProblem();
  });
  if (!answer.response.ok) throw toProblem(answer.response, answer.error);
  return { data: answer.data as T, response: answer.response };
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** The cursor of the next page, out of a `Link` header; null on the last. */
export function nextCursor(response: Response): string | null {
  const link = response.headers.get('Link')?.match(/<([^>]*)>;\s*rel="?next"?/)?.[1];
  return link ? new URL(link, 'http://localhost').searchParams.get('cursor') : null;
}

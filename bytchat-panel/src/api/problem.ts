// Every failure of a call, as one class: the API's problem documents and what never reached it.
import type { components } from './schema';

export type ProblemBody = components['schemas']['Problem'];

/** `code` is the API's stable word, or one of ours: `network` (nothing answered), `bad_gateway` (no problem body). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly body: Partial<ProblemBody>;
  /** Whole seconds that the API asks to wait, where it does. */
  readonly retryAfterS: number | null;

  constructor(status: number, code: string, body: Partial<ProblemBody> = {}, retryAfterS: number | null = null) {
    super(body.detail ?? code);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.body = body;
    this.retryAfterS = retryAfterS;
  }
}

/** The problem that a response which is not OK tells, whatever its body is. */
export function toProblem(response: Response, body: unknown): Problem {
  const retryAfter = Number(response.headers.get('Retry-After'));
  const waits = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
  if (isProblemBody(body)) return new Problem(response.status, body.code, body, waits);
  // What a proxy says of a server that is not there.
  const code = [502, 503, 504].includes(response.status) ? 'network' : 'bad_gateway';
  return new Problem(response.status, code, {}, waits);
}

/** The same of an XMLHttpRequest, whose body is this text. */
export function problemOfRequest(request: XMLHttpRequest, text: string): Problem {
  const retryAfter = request.getResponseHeader('Retry-After');
  const headers = retryAfter ? { 'Retry-After': retryAfter } : {};
  return toProblem(new Response(null, { status: request.status, headers }), parseJson(text));
}

/** What the text says; null where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function networkProblem(): Problem {
  return new Problem(0, 'network');
}

function isProblemBody(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';
}

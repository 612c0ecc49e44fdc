// The API as page tests meet it: handlers typed by the OpenAPI document, nothing answered that a test did not say,
// but that anybody may register and that nothing is limited.

import { setupServer } from 'msw/node';
import { createOpenApiHttp } from 'openapi-msw';
import type { ProblemBody } from '@/api/problem';
import type { paths } from '@/api/schema';
import { aProblem, aRegistration } from './factories';

export const API = 'http://localhost:3000/api';

/** `http.get('/bots/', ({ response }) => response(200).json([]))` is refused where the document says otherwise. */
export const http = createOpenApiHttp<paths>({ baseUrl: API });

export const server = setupServer(
  http.get('/users/registration', ({ response }) => response(200).json(aRegistration())),
  http.get('/users/me/quotas', ({ response }) => response(200).json([])),
);

interface Refusal {
  headers?: Record<string, string>;
  /** What the problem carries besides: `{ conversation_id: … }`. */
  members?: Partial<ProblemBody>;
}

/** Answers with a problem: `http.get('/bots/', refuses(503, 'database_unavailable'))`. */
export function refuses(status: number, code: string, { headers = {}, members = {} }: Refusal = {}) {
  return <Answer>({ response }: { response: { untyped: (answer: Response) => Answer } }): Answer =>
    response.untyped(
      new Response(JSON.stringify(aProblem(status, code, members)), {
        status,
        headers: { 'Content-Type': 'application/problem+json', ...headers },
      }),
    );
}

// The API as page tests meet it: handlers typed by the OpenAPI document, nothing answered that a test did not say.

import { setupServer } from 'msw/node';
import { createOpenApiHttp } from 'openapi-msw';
import type { paths } from '@/api/schema';

export const API = 'http://localhost:3000/api';

/** `http.get('/bots/', ({ response }) => response(200).json([]))` is refused where the document says otherwise. */
export const http = createOpenApiHttp<paths>({ baseUrl: API });

export const server = setupServer();

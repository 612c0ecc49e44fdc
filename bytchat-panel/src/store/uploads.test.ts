import { delay, HttpResponse } from 'msw';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Problem } from '@/api/problem';
import { aDocument, aUser } from '@/tests/factories';
import { http, server } from '@/tests/server';
import { useSession } from './session';
import { type Upload, useUploads } from './uploads';

const BOT = '01955000-0000-7000-8000-000000000001';

beforeEach(() => {
  useUploads.getState().clear();
  useSession.setState({ token: 'a-token', user: aUser(), status: 'in', leftBecause: null });
});

function aFile(name = 'uno.txt', text = 'hola'): File {
  return new File([text], name, { type: 'text/plain' });
}

function uploads(): Upload[] {
  return useUploads.getState().uploads;
}

function statuses(): string[] {
  return uploads().map(({ state }) => state.status);
}

function add(...files: File[]) {
  const onStored = vi.fn();
  useUploads.getState().add(BOT, files, onStored);
  return onStored;
}

test('a stored file leaves the list, and whoever added it gets its document', async () => {
  const document = aDocument();
  server.use(http.post('/bots/{bot_id}/train', ({ response }) => response(202).json(document)));

  const onStored = add(aFile());

  await vi.waitUntil(() => uploads().length === 0);
  expect(onStored).toHaveBeenCalledExactlyOnceWith(document);
});

test('the file goes out with its name, the token and the language', async () => {
  let sent: Request | undefined;
  server.use(
    http.post('/bots/{bot_id}/train', ({ request, response }) => {
      sent = request as unknown as Request;
      return response(202).json(aDocument());
    }),
  );

  add(aFile('ñandú.txt'));

  await vi.waitUntil(() => sent);
  expect(sent?.headers.get('Authorization')).toBe('Bearer a-token');
  expect(sent?.headers.get('Accept-Language')).toBe('es');
  expect(sent?.headers.get('Content-Type')).toContain('multipart/form-data');
});

test('three are sent at once and the others wait', async () => {
  let atOnce = 0;
  let most = 0;
  server.use(
    http.post('/bots/{bot_id}/train', async ({ response }) => {
      most = Math.max(most, ++atOnce);
      await delay(20);
      atOnce--;
      return response(202).json(aDocument());
    }),
  );

  add(...Array.from({ length: 7 }, (_, n) => aFile(`${n}.txt`)));

  expect(statuses().filter((status) => status === 'sending')).toHaveLength(3);
  await vi.waitUntil(() => uploads().length === 0);
  expect(most).toBe(3);
});

test('the same bytes again are said to be there already', async () => {
  const document = aDocument();
  server.use(http.post('/bots/{bot_id}/train', ({ response }) => response(200).json(document)));

  const onStored = add(aFile());

  await vi.waitUntil(() => statuses()[0] === 'known');
  expect(onStored).toHaveBeenCalledWith(document);
});

test('what the server would not take is refused without asking it', () => {
  add(aFile('foto.png'), aFile('vacio.txt', ''));

  expect(uploads().map(({ state }) => state)).toEqual([
    { status: 'refused', reason: 'file_name_not_txt' },
    { status: 'refused', reason: 'file_empty' },
  ]);
});

test('a failed upload keeps its file and its reason, and can be sent again', async () => {
  let answers = 0;
  server.use(
    http.post('/bots/{bot_id}/train', ({ response }) =>
      ++answers === 1 ? response.untyped(HttpResponse.error()) : response(202).json(aDocument()),
    ),
  );
  add(aFile());
  await vi.waitUntil(() => statuses()[0] === 'failed');

  const [failed] = uploads();

  expect(failed?.state.status === 'failed' && (failed.state.error as Problem).code).toBe('network');
  useUploads.getState().retry(failed?.id ?? 0);
  await vi.waitUntil(() => uploads().length === 0);
});

test("the server's reason is kept as a problem", async () => {
  const body = { type: 'x', title: 'x', status: 422, detail: 'Es un PDF.', code: 'file_not_text' };
  server.use(
    http.post('/bots/{bot_id}/train', ({ response }) =>
      response.untyped(HttpResponse.json(body, { status: 422, headers: { 'Retry-After': '7' } })),
    ),
  );

  add(aFile());

  await vi.waitUntil(() => statuses()[0] === 'failed');
  const [failed] = uploads();
  expect(failed?.state).toMatchObject({ error: { code: 'file_not_text', status: 422, retryAfterS: 7 } });
});

test('giving one up makes room for the next', async () => {
  server.use(http.post('/bots/{bot_id}/train', () => delay('infinite') as Promise<never>));
  add(aFile('1.txt'), aFile('2.txt'), aFile('3.txt'), aFile('4.txt'));
  expect(statuses()).toEqual(['sending', 'sending', 'sending', 'waiting']);

  useUploads.getState().remove(uploads()[0]?.id ?? 0);

  expect(uploads().map(({ file }) => file.name)).toEqual(['2.txt', '3.txt', '4.txt']);
  expect(statuses()).toEqual(['sending', 'sending', 'sending']);
});

test('a refused token ends the session, and the session ends the uploads', async () => {
  const body = { type: 'x', title: 'x', status: 401, detail: 'x', code: 'unauthorized' };
  server.use(
    http.post('/bots/{bot_id}/train', ({ response }) => response.untyped(HttpResponse.json(body, { status: 401 }))),
  );

  add(aFile());

  await vi.waitUntil(() => useSession.getState().status === 'out');
  expect(useSession.getState().leftBecause).toBe('expired');
  expect(uploads()).toEqual([]);
});

test('the browser asks before a page is closed on files that are on their way, and then alone', () => {
  const close = () => window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  server.use(http.post('/bots/{bot_id}/train', () => delay('infinite') as Promise<never>));
  expect(close()).toBe(true);

  add(aFile(), aFile('foto.png'));

  expect(close()).toBe(false);
  useUploads.getState().remove(uploads()[0]?.id ?? 0);
  expect(close()).toBe(true);
});

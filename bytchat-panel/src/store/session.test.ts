import { HttpResponse } from 'msw';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { api, unwrap } from '@/api/client';
import { aUser } from '@/tests/factories';
import { http, refuses, server } from '@/tests/server';
import { followOtherTabs, useSession } from './session';

const STORED = 'bytchat-session';
const stored = (token: string | null) => JSON.stringify({ state: { token }, version: 0 });
const refuse = refuses(401, 'not_authenticated');

beforeEach(() => {
  useSession.setState({ token: 'a-token', user: aUser(), status: 'in', leftBecause: null });
});

afterEach(() => {
  useSession.setState({ token: null, user: null, status: 'out', leftBecause: null });
});

test('a refused token ends the session, and says that it is over', async () => {
  server.use(http.get('/bots/', refuse));

  await expect(unwrap(api.GET('/bots/'))).rejects.toMatchObject({ status: 401 });

  expect(useSession.getState()).toMatchObject({ status: 'out', token: null, user: null, leftBecause: 'expired' });
});

test('a refusal of an older token leaves the newer session alone', async () => {
  server.use(
    http.get('/bots/', (call) => {
      useSession.setState({ token: 'a-newer-token' });
      return refuse(call);
    }),
  );

  await expect(unwrap(api.GET('/bots/'))).rejects.toMatchObject({ status: 401 });

  expect(useSession.getState()).toMatchObject({ status: 'in', token: 'a-newer-token' });
});

test('a logout revokes the token on the server and leaves nothing in this browser', async () => {
  let revoked: string | null = null;
  server.use(
    http.post('/token/revoke', ({ request, response }) => {
      revoked = request.headers.get('Authorization');
      return response(204).empty();
    }),
  );

  await useSession.getState().logOut();

  expect(revoked).toBe('Bearer a-token');
  expect(useSession.getState()).toMatchObject({ status: 'out', token: null, user: null, leftBecause: 'logout' });
  expect(localStorage.getItem(STORED)).toBeNull();
});

test('a logout counts here also where the server does not answer', async () => {
  server.use(http.post('/token/revoke', () => HttpResponse.error()));

  await useSession.getState().logOut();

  expect(useSession.getState().status).toBe('out');
});

test('a server that does not answer says nothing about the token', async () => {
  server.use(http.get('/users/me', () => HttpResponse.error()));

  await useSession.getState().check();

  expect(useSession.getState()).toMatchObject({ status: 'unreachable', token: 'a-token' });
});

test('an answer that comes after the logout logs nobody in', async () => {
  server.use(
    http.get('/users/me', ({ response }) => {
      useSession.getState().end('logout');
      return response(200).json(aUser());
    }),
  );

  await useSession.getState().check();

  expect(useSession.getState().status).toBe('out');
});

test('a logout in another tab is a logout here', () => {
  followOtherTabs();
  localStorage.setItem(STORED, stored(null));

  window.dispatchEvent(new StorageEvent('storage', { key: STORED }));

  expect(useSession.getState()).toMatchObject({ status: 'out', token: null, leftBecause: 'logout' });
});

test.each([
  ['another', null, 'out'],
  ['its own', 'a-token', 'in'],
])('a page that comes back out of memory finds %s token, and goes by it', (_, token, status) => {
  useSession.setState({ token: 'a-token', user: aUser(), status: 'in' });
  followOtherTabs();
  localStorage.setItem(STORED, stored(token));

  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));

  expect(useSession.getState()).toMatchObject({ status, token });
});

test('only the token is kept in this browser', () => {
  expect(localStorage.getItem(STORED)).toBe(stored('a-token'));
});

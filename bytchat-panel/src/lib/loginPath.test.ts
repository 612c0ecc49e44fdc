import { expect, test } from 'vitest';
import { loginPath, safeNext } from './loginPath';

test.each(['/bots', '/bots/1/chat?x=1#y', '/account'])('%s is a place to go back to', (path) => {
  expect(safeNext(path)).toBe(path);
});

test.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  'bots',
  '',
  '/login?next=/bots',
  '/register',
])('%j leads to the start', (path) => {
  expect(safeNext(path)).toBe('/');
});

test('who was sent to the login comes back to where they were', () => {
  expect(loginPath('/bots/1?a=b', null)).toBe('/login?next=%2Fbots%2F1%3Fa%3Db');
  expect(loginPath('/', null)).toBe('/login');
});

test('an expired session says so, and leads back', () => {
  expect(loginPath('/bots', 'expired')).toBe('/login?reason=expired&next=%2Fbots');
});

test('who left on purpose leads nobody back', () => {
  expect(loginPath('/bots', 'logout')).toBe('/login');
  expect(loginPath('/account', 'deleted')).toBe('/login?reason=deleted');
});

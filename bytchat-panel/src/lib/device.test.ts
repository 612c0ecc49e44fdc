import { expect, test } from 'vitest';
import { deviceOf } from './device';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  ['Chrome', 'Linux', `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`],
  ['Chrome', 'Android', `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36`],
  ['Chrome', 'ChromeOS', `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`],
  ['Edge', 'Windows', `Mozilla/5.0 (Windows NT 10.0; Win64) ${WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0`],
  ['Opera', 'Windows', `Mozilla/5.0 (Windows NT 10.0; Win64) ${WEBKIT} Chrome/140.0 Safari/537.36 OPR/120.0`],
  ['Firefox', 'macOS', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:143.0) Gecko/20100101 Firefox/143.0'],
  ['Firefox', 'iPhone', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) FxiOS/143.0 Mobile Safari/605.1'],
  ['Safari', 'iPhone', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1'],
  ['Safari', 'iPad', 'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1'],
])('%s on %s is told by what it calls itself', (browser, system, userAgent) => {
  expect(deviceOf(userAgent)).toMatchObject({ browser, system });
});

test('what is no browser keeps its own name', () => {
  expect(deviceOf('curl/8.5.0')).toEqual({ kind: 'program', browser: 'curl/8.5.0', system: null });
  expect(deviceOf('python-httpx/0.28.1 (extra)').browser).toBe('python-httpx/0.28.1');
  expect(deviceOf('x'.repeat(256)).browser).toHaveLength(60);
});

test('what says nothing known has no name', () => {
  expect(deviceOf('')).toEqual({ kind: 'computer', browser: null, system: null });
  expect(deviceOf('Mozilla/5.0')).toEqual({ kind: 'computer', browser: null, system: null });
});

test('a telephone is told from a computer', () => {
  expect(deviceOf('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1').kind).toBe(
    'phone',
  );
  expect(deviceOf('Mozilla/5.0 (Windows NT 10.0) Firefox/143.0').kind).toBe('computer');
});

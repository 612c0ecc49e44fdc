// The watch over every page is no use if it is blind.
import { expect, inject } from 'vitest';
import { test } from './browser.ts';
import { launch } from './chromium.ts';
import { Watch } from './watch.ts';

const DEEDS: Record<string, [deed: () => void, fault: RegExp]> = {
  'an inline style': [
    () => document.head.append(Object.assign(document.createElement('style'), { textContent: 'a{}' })),
    /policy: style-src-elem refuses inline/,
  ],
  'a call elsewhere': [() => void fetch('http://127.0.0.1:9/').catch(() => {}), /policy: connect-src refuses/],
  'an uncaught error': [() => void setTimeout(() => Promise.reject(new Error('Vaya.'))), /uncaught: Error: Vaya/],
  // biome-ignore lint/suspicious/noConsole: it is what must be seen.
  'a line in the console': [() => globalThis.console.error('Oh.'), /console: Oh/],
  'a refused call that nobody expected': [() => void fetch('/api/users/me'), /console: .*401/],
};

for (const [what, [deed, fault]] of Object.entries(DEEDS)) {
  test(`the watch sees ${what}`, async ({ browser }) => {
    const context = await browser.newContext({ baseURL: inject('panelUrl') });
    const watch = await Watch.over(context, [inject('panelUrl')]);
    const page = await context.newPage();
    await page.goto('/login');

    await page.evaluate(deed);

    await expect.poll(() => watch.faults().join('\n')).toMatch(fault);
    await context.close();
  });
}

test('the watch sees a request that leaves the origin', async () => {
  const browser = await launch();
  const context = await browser.newContext({ baseURL: inject('panelUrl'), bypassCSP: true });
  const watch = await Watch.over(context, [inject('panelUrl')]);
  const page = await context.newPage();
  await page.goto('/login');

  await page.evaluate(() => void fetch('http://127.0.0.1:9/').catch(() => {}));

  await expect.poll(() => watch.faults().join('\n')).toContain('request elsewhere: http://127.0.0.1:9/');
  await browser.close();
});

// OUT-1 under the policy of a release: no text of anybody makes a browser call anybody, and the policy is not even needed.
import type { BrowserContext } from 'playwright-core';
import { expect } from 'vitest';
import { test as base, type Tab, type TabOptions } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { type Hostile, isForeign, makeHostile, VISITS, visit } from './hostile.ts';
import { FOREIGN, PAYLOADS } from './payloads.ts';

needsOwnPlatform();

const test = base.extend('hostile', { scope: 'file' }, () => makeHostile());

/** Every request to somebody else, also those of other windows; nobody answers them. */
async function catchForeign(context: BrowserContext): Promise<string[]> {
  const called: string[] = [];
  await context.route(
    (url) => isForeign(url.href),
    (route) => {
      called.push(route.request().url());
      return route.abort();
    },
  );
  return called;
}

// What else is wrong with a page fails its test by itself: violations of the policy, requests elsewhere, errors.
for (const [name, page] of Object.entries(VISITS)) {
  test(`OUT-1: sixty payloads in ${name} call nobody and break no policy`, async ({ openTab, hostile }) => {
    const tab = await openTab({ as: hostile.person });
    const called = await catchForeign(tab.context());

    await visit(tab, page, hostile);

    expect(called).toEqual([]);
    expect(tab.watch.faults()).toEqual([]);
  });
}

test('OUT-1: a streaming answer full of images, links and prefetches calls nobody', async ({
  openTab,
  hostile,
}) => {
  const bot = await hostile.person.scriptedBot('pace_ms=5');
  const tab = await openTab({ as: hostile.person });
  const called = await catchForeign(tab.context());
  await tab.goto(`/bots/${bot.id}/chat`);

  const text = PAYLOADS.map((payload) => payload.text).join('\n\n');
  await tab.getByRole('textbox').last().fill(`${text}\n\nFin del texto.`);
  await tab.getByRole('textbox').last().press('Enter');
  const page = async () => (await tab.locator('main').textContent()) ?? '';
  await expect
    .poll(async () => (await page()).split('Fin del texto.').length, { timeout: 40_000 })
    .toBeGreaterThan(2);

  expect(called).toEqual([]);
  expect(tab.watch.faults()).toEqual([]);
});

test('OUT-1: pointing at a link calls nobody; clicking it opens a window that cannot reach back', async ({
  openTab,
  hostile,
}) => {
  const { tab, link } = await openAnswer(openTab, hostile, `[mira](https://${FOREIGN}/clic)`);
  const called = await catchForeign(tab.context());

  await link.hover();
  await link.focus();
  expect(called).toEqual([]);
  const referrers: (string | undefined)[] = [];
  tab.context().on('request', (request) => {
    if (isForeign(request.url())) referrers.push(request.headers().referer);
  });
  const [popup] = await Promise.all([tab.context().waitForEvent('page'), link.click()]);

  await expect.poll(() => called).toEqual([`https://${FOREIGN}/clic`]);
  expect(referrers).toEqual([undefined]);
  expect(await popup.evaluate(() => window.opener)).toBeNull();
  expect(tab.watch.faults()).toEqual([]);
});

test('OUT-1: the headers of every page forbid what the text could ask for', async ({ openTab, hostile }) => {
  const tab = await openTab({ as: hostile.person });

  const answer = await tab.goto('/bots');

  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("form-action 'none'");
  expect(policy).toContain("img-src 'self' data:");
});

type OpenTab = (options: TabOptions) => Promise<Tab>;

async function openAnswer(openTab: OpenTab, { person }: Hostile, text: string) {
  const bot = await person.scriptedBot(`say=${text}`);
  // Where the reader goes by a click of their own is no fault.
  const tab = await openTab({ as: person, otherOrigins: [`https://${FOREIGN}`] });
  await tab.goto(`/bots/${bot.id}/chat`);
  await tab.getByRole('textbox').last().fill('Hola');
  await tab.getByRole('textbox').last().press('Enter');
  const link = tab.getByRole('link', { name: /mira/ });
  await link.waitFor();
  return { tab, link };
}

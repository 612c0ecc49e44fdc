// OUT-1: hostile text is shown and never obeyed, even where no content security policy stands behind the panel.
import { expect, inject } from 'vitest';
import { Audit, readThrough } from './audit.ts';
import { type BareServer, startBareServer } from './bareServer.ts';
import { test as base, type Tab } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { hostileStream, makeHostile, VISITS, visit } from './hostile.ts';
import { asRead, NAMES, PAYLOADS } from './payloads.ts';
import { Person } from './people.ts';

needsOwnPlatform();

const ALL = PAYLOADS.map(({ text }) => text).join('\n\n');

const test = base
  .extend('hostile', { scope: 'file' }, () => makeHostile())
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it that nothing is needed.
  .extend('bare', { scope: 'file' }, async ({}, { onCleanup }): Promise<BareServer> => {
    const server = await startBareServer({ apiUrl: inject('apiUrl') });
    onCleanup(server.stop);
    return server;
  });

/** Every expected text is on the page, and nothing of what was found. */
function expectShownOnly(said: string, shown: readonly string[], audit: Audit): void {
  const text = asRead(said);
  expect.soft(audit.faults()).toEqual([]);
  expect(shown.map(asRead).filter((wanted) => !text.includes(wanted))).toEqual([]);
}

test('this server sends no policy, so that nothing here passes by its grace', async ({ bare }) => {
  const { headers } = await fetch(bare.url);

  expect(headers.get('content-security-policy')).toBeNull();
});

test('the audit sees what it is there for', async ({ bare, openTab }) => {
  const tab = await openTab({ panelUrl: bare.url });
  const audit = await Audit.over(tab);
  await tab.goto('/login');

  await tab.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<a href="java\tscript:pwn(2)">x</a><b onclick="pwn(3)">x</b>');
    document.body.insertAdjacentHTML('beforeend', '<img src="/favicon.svg" onload="pwn(1)"><iframe></iframe>');
  });

  await expect.poll(() => audit.faults().join()).toContain('script 1 ran');
  expect(audit.faults().join()).toMatch(/href of another scheme.*onclick.*onload.*<iframe>/s);
});

for (const [name, page] of Object.entries(VISITS)) {
  test(`OUT-1: without a policy no payload acts in ${name}, and each is read as it was written`, async ({
    bare,
    openTab,
    hostile,
  }) => {
    const tab = await openTab({ as: hostile.person, panelUrl: bare.url });
    const audit = await Audit.over(tab);

    const said = await visit(tab, page, hostile);

    expectShownOnly(said, page.shows?.(hostile) ?? [], audit);
  });
}

test('OUT-1: an answer of sixty payloads acts at no moment while it streams', async ({
  bare,
  openTab,
  hostile,
}) => {
  const bot = await hostile.person.scriptedBot('pace_ms=5');
  const tab = await openTab({ as: hostile.person, panelUrl: bare.url });
  const audit = await Audit.over(tab);
  await tab.goto(`/bots/${bot.id}/chat`);

  await ask(tab, `${ALL}\n\nFin del texto.`);
  const page = async () => (await tab.locator('main').textContent()) ?? '';
  await expect
    .poll(async () => (await page()).split('Fin del texto.').length, { timeout: 40_000 })
    .toBeGreaterThan(2);

  expectShownOnly(await readThrough(tab), ['Fin del texto.'], audit);
});

for (const at of [0, 5, 17, 25, 42, 49]) {
  const payload = PAYLOADS[at] ?? { text: '', inMarkdown: '' };
  test(`OUT-1: a stream whose every field is ${payload.text.slice(0, 40)} is shown as text`, async ({
    bare,
    openTab,
    hostile,
  }) => {
    const bot = await hostile.person.scriptedBot('say=Hola');
    const tab = await openTab({ as: hostile.person, panelUrl: bare.url });
    const audit = await Audit.over(tab);
    await tab.route(/\/api\/chat\//, (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: hostileStream(payload) }),
    );
    tab.watch.expectStatus(404);
    await tab.goto(`/bots/${bot.id}/chat`);

    await ask(tab, payload.text);
    await tab.getByText('Así:').waitFor();

    expectShownOnly(await readThrough(tab), [payload.inMarkdown], audit);
  });
}

test('OUT-1: a problem whose words are payloads is shown as text', async ({ bare, openTab, hostile }) => {
  const tab = await openTab({ as: hostile.person, panelUrl: bare.url });
  const audit = await Audit.over(tab);
  tab.watch.expectStatus(418);
  await tab.route(/\/api\/bots\/(\?.*)?$/, (route) =>
    route.fulfill({
      status: 418,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: 'x', title: ALL, status: 418, detail: ALL, code: NAMES[5] }),
    }),
  );

  await tab.goto('/bots');
  await tab.getByRole('alert').first().waitFor();

  expectShownOnly(await readThrough(tab), [PAYLOADS[5]?.text ?? ''], audit);
});

test('OUT-1: an e-mail, a search and an address that are payloads act nowhere', async ({ bare, openTab }) => {
  const person = await Person.register();
  const tab = await openTab({ as: person, panelUrl: bare.url });
  const audit = await Audit.over(tab);

  for (const { text } of PAYLOADS.slice(0, 8)) {
    await tab.goto(`/bots?q=${encodeURIComponent(text)}#${encodeURIComponent(text)}`);
  }
  await tab.goto(`/${encodeURIComponent('<img src=x onerror=pwn(1)>')}`);
  await tab.goto('/login?next=javascript:pwn(1)&reason=%3Cimg%20src=x%20onerror=pwn(2)%3E');

  await tab.waitForLoadState('networkidle');
  expect(audit.faults()).toEqual([]);
});

async function ask(tab: Tab, question: string): Promise<void> {
  const box = tab.getByRole('textbox').last();
  await box.fill(question);
  await box.press('Enter');
}

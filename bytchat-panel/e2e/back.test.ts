// OUT-3 in a browser that keeps the pages one has left, to show them again when one goes back: as people's do.
import { expect } from 'vitest';
import { test as base, type Tab } from './browser.ts';
import { launch } from './chromium.ts';
import { needsOwnPlatform } from './given.ts';
import { Panel } from './panel.ts';
import { Person } from './people.ts';

needsOwnPlatform();

const CANARY = 'ornitorrinco-azafrán-8150';
/** Where the tab notes that a page came back as it was left. */
const NOTE = 'shown-again';

// biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs.
const test = base.override('browser', async ({}, { onCleanup }) => {
  const browser = await launch({ keepsPages: true });
  onCleanup(() => browser.close());
  return browser;
});

/** A chat is left by the address bar: its page waits in memory. */
async function leaveChat(tab: Tab, person: Person): Promise<Panel> {
  const bot = await person.scriptedBot(`say=Dice ${CANARY} y nada más.`);
  await tab.addInitScript((note) => {
    window.addEventListener('pageshow', ({ persisted }) => persisted && sessionStorage.setItem(note, 'yes'));
  }, NOTE);
  const panel = new Panel(tab);
  await panel.openChat(bot.id);
  await panel.ask('Hola');
  await panel.wholeAnswer();
  await tab.goto('/bots');
  await panel.heading('Bots').waitFor();
  return panel;
}

const goBack = (tab: Tab) => tab.evaluate(() => history.back());
const body = (tab: Tab) => tab.evaluate(() => document.body.innerText);
const wasShownAgain = (tab: Tab) => tab.evaluate((note) => sessionStorage.getItem(note) !== null, NOTE);

test('this browser does show a page again as it was left', async ({ openTab }) => {
  const person = await Person.register();
  const tab = await openTab({ as: person });
  await leaveChat(tab, person);

  await goBack(tab);

  await expect.poll(() => wasShownAgain(tab)).toBe(true);
  expect(await body(tab)).toContain(CANARY);
});

test('OUT-3: a page that waits in memory is dropped at a logout, and going back shows the login', async ({
  openTab,
}) => {
  const person = await Person.register();
  const tab = await openTab({ as: person });
  const panel = await leaveChat(tab, person);
  await panel.logOut();

  await goBack(tab);

  await tab.waitForURL(/\/login\?next=/);
  await panel.heading('Entra en Bytchat').waitFor();
  expect(await wasShownAgain(tab)).toBe(false);
  expect(await body(tab)).not.toContain(CANARY);
});

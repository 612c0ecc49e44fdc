// Long things open, and stay quick: a conversation of a thousand messages, a document of ten megabytes.
import { expect } from 'vitest';
import type { Bot } from '@/api/types';
import { test as base, type Tab } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { figuresOf, measure, startMeasuring, sum, tell } from './measure.ts';
import { Person } from './people.ts';
import { waitUntil } from './process.ts';

needsOwnPlatform();

const TURNS = 500;
const MEGABYTES = 10;
/** More than a screen and what is kept ready around it; far less than all. */
const MOST_ROWS = 120;

interface Talk {
  person: Person;
  bot: Bot;
  conversationId: string;
}

const test = base.extend('talk', { scope: 'file' }, async (): Promise<Talk> => {
  const person = await Person.register();
  const bot = await person.scriptedBot('eco');
  await person.ask(bot.id, 'Pregunta número 0, la primera.');
  const [conversation] = await person.call<{ id: string }[]>('GET', `/bots/${bot.id}/conversations/`);
  const conversationId = conversation?.id ?? '';
  const ask = (turn: number) => {
    const query = `Pregunta número ${turn}. ${'Con más o menos palabras. '.repeat(turn % 17)}`;
    return person.call('POST', `/chat/${bot.id}`, { query, conversation_id: conversationId });
  };
  // Four at a time: their order does not matter, but for the first and the last.
  for (let turn = 1; turn < TURNS - 1; turn += 4) {
    await Promise.all([0, 1, 2, 3].filter((next) => turn + next < TURNS - 1).map((next) => ask(turn + next)));
  }
  await ask(TURNS - 1);
  return { person, bot, conversationId };
});

async function openTalk(openTab: (options: object) => Promise<Tab>, { person, bot, conversationId }: Talk) {
  const tab = await openTab({ as: person });
  await measure(tab);
  const began = Date.now();
  await tab.goto(`/bots/${bot.id}/chat/${conversationId}`);
  await tab
    .getByText(`Pregunta número ${TURNS - 1}.`)
    .last()
    .waitFor();
  return { tab, openedMs: Date.now() - began };
}

test('a conversation of a thousand messages opens at its end and draws only what is near', {
  timeout: 180_000,
}, async ({ talk, openTab }) => {
  const { tab, openedMs } = await openTalk(openTab, talk);

  const articles = await tab.getByRole('article').count();
  const nodes = await tab.locator('main *').count();

  await tell('a thousand messages', { openedMs, articles, nodes });
  expect(articles).toBeLessThan(MOST_ROWS);
  expect(openedMs).toBeLessThan(8000);
});

test('one reads a thousand messages up to the first and down again, and nothing jumps', {
  timeout: 180_000,
}, async ({ talk, openTab }) => {
  const { tab } = await openTalk(openTab, talk);
  await startMeasuring(tab);
  const jumps = await scrollUp(tab, 25);
  const { longTasks, frames } = await figuresOf(tab);

  await scrollTo(tab, 'top');
  await tab.getByText('Pregunta número 0, la primera.').first().waitFor();
  const atTop = await tab.getByRole('article').count();
  await scrollTo(tab, 'bottom');
  await tab
    .getByText(`Pregunta número ${TURNS - 1}.`)
    .last()
    .waitFor();

  await tell('scrolling a thousand messages', {
    worstJumpPx: Math.max(...jumps),
    longTasks: longTasks.length,
    worstFrameMs: Math.max(...frames),
    atTop,
  });
  expect.soft(Math.max(...jumps)).toBeLessThanOrEqual(8);
  expect(atTop).toBeLessThan(MOST_ROWS);
});

test('a document of ten megabytes opens, is searched and scrolled, with a bounded number of rows', {
  timeout: 240_000,
}, async ({ openTab }) => {
  const line = (at: number) => `Línea ${at}: la corneja y el ñandú pasean con sus crías por la vega del río. 🚲\n`;
  const lines = Math.floor((MEGABYTES * 1024 * 1024) / Buffer.byteLength(line(50_000)));
  const needle = 'La aguja del pajar.\n';
  const text = Array.from({ length: lines }, (_, at) => line(at) + (at === lines - 900 ? needle : '')).join('');

  const figures = await readDocument(openTab, text, { query: 'aguja del pajar', found: needle.trim() });

  await tell('ten megabytes in many lines', figures);
  expect(figures.rows).toBeLessThan(MOST_ROWS);
});

test('a single line of ten megabytes opens and is searched too', { timeout: 240_000 }, async ({ openTab }) => {
  const words = 'palabra tras palabra sin fin de línea ';
  const half = words.repeat(Math.floor((MEGABYTES * 1024 * 1024) / Buffer.byteLength(words) / 2));

  const text = `${half}La aguja del pajar. ${half}`;
  const figures = await readDocument(openTab, text, { query: 'aguja del pajar', found: 'aguja del pajar' });

  await tell('ten megabytes in one line', figures);
  expect(figures.rows).toBeLessThan(MOST_ROWS);
});

async function readDocument(
  openTab: (options: object) => Promise<Tab>,
  text: string,
  { query, found }: { query: string; found: string },
) {
  const person = await Person.register();
  const bot = await person.newBot();
  const { id } = await person.upload(bot.id, text, 'largo.txt');
  const tab = await openTab({ as: person });
  await measure(tab);
  await tab.goto('/account');
  await tab.waitForLoadState('networkidle');
  await startMeasuring(tab);
  // Within the page, so that what is measured is the viewer and not the start of the panel.
  const began = Date.now();
  await tab.evaluate((path) => {
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/bots/${bot.id}/documents/${id}`);
  const viewer = tab.getByRole('region', { name: 'Texto de largo.txt' });
  await viewer.waitFor({ timeout: 60_000 });
  const openedMs = Date.now() - began;
  const opening = (await figuresOf(tab)).longTasks;

  await startMeasuring(tab);
  await tab.getByRole('textbox', { name: 'Buscar en el documento' }).fill(query);
  const searched = Date.now();
  await tab.getByText('1 de 1', { exact: true }).waitFor({ timeout: 60_000 });
  const foundMs = Date.now() - searched;
  await viewer.locator('mark').first().waitFor();
  const finding = (await figuresOf(tab)).longTasks;
  expect(found).toContain(await viewer.locator('mark').first().textContent());
  const rows = await viewer.locator('[data-index]').count();
  await scrollTo(tab, 'bottom');
  // Else its vectors would be made while the next test measures.
  await person.call('DELETE', '/users/me');
  return {
    openedMs,
    foundMs,
    rows,
    longTasksOpening: opening.length,
    longestOpening: Math.max(0, ...opening),
    blockedOpening: sum(opening),
    longTasksFinding: finding.length,
    longestFinding: Math.max(0, ...finding),
  };
}

/** How far what is read moves beyond what the wheel asked for, at each turn of it. */
async function scrollUp(tab: Tab, turns: number): Promise<number[]> {
  const jumps: number[] = [];
  await tab.mouse.move(700, 400);
  for (let turn = 0; turn < turns; turn += 1) {
    const read = await tab.evaluateHandle(() =>
      document.elementFromPoint(700, 300)?.closest('[data-index], article'),
    );
    const top = () => read.evaluate((row) => row?.getBoundingClientRect().top ?? Number.NaN);
    const before = await top();
    await tab.mouse.wheel(0, -200);
    await waitUntil(async () => Math.abs((await top()) - before) > 100, { withinMs: 5000, what: 'a scroll' });
    await settled(tab);
    jumps.push(Math.abs((await top()) - before - 200));
  }
  return jumps;
}

/** Two frames after which nothing moved. */
async function settled(tab: Tab): Promise<void> {
  await tab.evaluate(async () => {
    const tops = () =>
      [...document.querySelectorAll('article')].map((row) => row.getBoundingClientRect().top).join();
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let before = ''; before !== tops(); ) {
      before = tops();
      await frame();
      await frame();
    }
  });
}

/** As somebody who drags the scroll bar; again, because what is measured on the way grows. */
async function scrollTo(tab: Tab, where: 'top' | 'bottom'): Promise<void> {
  await tab.evaluate(async (to) => {
    const longest = [...document.querySelectorAll('main *')].reduce((one, other) =>
      other.scrollHeight - other.clientHeight > one.scrollHeight - one.clientHeight ? other : one,
    );
    for (let again = 0; again < 5; again += 1) {
      longest.scrollTop = to === 'top' ? 0 : longest.scrollHeight;
      await new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 50));
    }
  }, where);
}

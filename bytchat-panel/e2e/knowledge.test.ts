// What a bot may answer from, and what its search finds: set in the panel, seen in the chat.
import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import type { Bot, BotDocument } from '@/api/types';
import { test as base, PICTURES, type Tab } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { faultsOf } from './objections.ts';
import { Panel, QUESTION, SAMPLE } from './panel.ts';
import { Person } from './people.ts';

needsOwnPlatform();

const OFF_TOPIC = '¿Quién ganó la liga de fútbol en 1987?';
const REFUSAL = 'Eso no lo sé: pregúntalo en cualquiera de nuestras tiendas.';
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };

interface Shop {
  person: Person;
  bot: Bot;
  document: BotDocument;
}

const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it that nothing is needed.
  .extend('shop', { scope: 'file' }, async ({}): Promise<Shop> => {
    const person = await Person.register();
    const bot = await person.newBot();
    const { id } = await person.train(bot.id, await readFile(SAMPLE, 'utf8'), 'tienda.es.txt');
    await person.untilReady(bot.id, id);
    return { person, bot, document: await person.document(bot.id, id) };
  });

/** A picture of each, with `at` in its middle: light and dark, on a desk and on a phone; and nobody is shut out in any of them. */
async function look(tab: Tab, name: string, at?: Locator): Promise<void> {
  for (const [size, suffix] of [
    [DESK, ''],
    [PHONE, '-360'],
  ] as const) {
    await tab.setViewportSize(size);
    await at?.evaluate((element) => element.scrollIntoView({ block: 'center' }));
    for (const theme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme: theme });
      await tab.locator(`html[data-theme=${theme}]`).waitFor();
      await tab.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
      await tab.screenshot({ path: `${PICTURES}/${name}-${theme}${suffix}.png` });
      expect.soft(await faultsOf(tab), `${name} ${theme}${suffix}`).toEqual([]);
    }
  }
  await tab.setViewportSize(DESK);
}

/** Where the settings say that they are kept; it is announced besides. */
const saved = (panel: Panel) => panel.tab.getByRole('main').getByText('Guardado', { exact: true });

/** On its settings page: from documents alone, with words of its own. */
async function makeStrict(panel: Panel, { refusal = '' } = {}): Promise<void> {
  await panel.tab.getByRole('radio', { name: 'Estricto' }).check();
  await panel.tab.getByLabel(/^Qué dice entonces/).fill(refusal);
  await panel.button('Guardar cambios').click();
  await saved(panel).waitFor();
}

test('where a bot answers from is kept after the page is loaded anew', async ({ openTab, shop }) => {
  const bot = await shop.person.newBot('Estricto');
  const tab = await openTab({ as: shop.person, theme: 'system' });
  const panel = new Panel(tab);
  await tab.goto(`/bots/${bot.id}/settings`);

  await tab.getByRole('radio', { name: 'Estricto' }).check();
  await tab.getByRole('spinbutton', { name: 'Confianza mínima' }).fill('0.65');
  await makeStrict(panel, { refusal: REFUSAL });
  await tab.reload();

  await tab.getByRole('radio', { name: 'Estricto', checked: true }).waitFor();
  expect(await tab.getByRole('spinbutton', { name: 'Confianza mínima' }).inputValue()).toBe('0.65');
  expect(await tab.getByRole('slider').inputValue()).toBe('0.65');
  expect(await tab.getByLabel(/^Qué dice entonces/).inputValue()).toBe(REFUSAL);
  await saved(panel).waitFor();
  await look(tab, 'settings-strict', tab.getByRole('slider'));
});

test('a strict bot answers what its documents hold and refuses the rest in its own words', async ({
  openTab,
  shop,
}) => {
  const { person } = shop;
  const bot = await person.newBot('Tornavía estricta');
  const { id } = await person.train(bot.id, await readFile(SAMPLE, 'utf8'), 'tienda.es.txt');
  await person.untilReady(bot.id, id);
  const tab = await openTab({ as: person, theme: 'system' });
  const panel = new Panel(tab);
  await tab.goto(`/bots/${bot.id}/settings`);
  await makeStrict(panel, { refusal: REFUSAL });

  await panel.openChat(bot.id);
  await panel.ask(QUESTION);
  const answer = await panel.wholeAnswer();
  await answer.getByRole('region', { name: 'Fuentes' }).waitFor();
  expect(await answer.textContent()).toContain('729,00');
  await panel.ask(OFF_TOPIC);
  await panel.said('Sin respuesta en los documentos').waitFor();
  const refusal = await panel.wholeAnswer();

  expect(await refusal.textContent()).toContain(REFUSAL);
  expect(await refusal.getByRole('region', { name: 'Fuentes' }).count()).toBe(0);
  expect(await refusal.textContent()).not.toMatch(/refusal|token|coste/);
  await refusal.getByText('¿Por qué no responde?').click();
  await look(tab, 'chat-no-answer');
  await tab.reload();
  await panel.said('Sin respuesta en los documentos').waitFor();
  await refusal.getByText('¿Por qué no responde?').click();
  await refusal.getByRole('link', { name: 'Ver qué ha encontrado' }).click();
  await panel.said('Con este bot estricto, esta pregunta no se respondería').waitFor();
  await panel.said(`Diría: «${REFUSAL}»`).waitFor();
});

test('the search shows the passages and the confidence, and each opens in its document', async ({
  openTab,
  shop,
}) => {
  const tab = await openTab({ as: shop.person, theme: 'system' });
  const panel = new Panel(tab);
  await tab.goto(`/bots/${shop.bot.id}/documents`);
  await panel.link('Probar la búsqueda').click();
  await look(tab, 'search-start');

  await panel.button(QUESTION).click();
  const passages = panel.list('Pasajes encontrados').getByRole('listitem');
  await passages.first().waitFor();
  await panel.said('Los documentos parecen contener la respuesta').waitFor();

  expect(await passages.first().textContent()).toContain('729,00');
  expect(await passages.first().locator('mark').first().textContent()).toMatch(/Molinera|bicicleta|plegable/i);
  expect(await passages.count()).toBeLessThanOrEqual(10);
  expect(await isSeen(passages.first().getByText(/729,00/))).toBe(true);
  await look(tab, 'search');
  await tab.getByRole('button', { name: /^Abrir el pasaje 1: / }).press('Enter');
  const drawer = panel.dialog('Pasaje de tienda.es.txt');
  await drawer.locator('mark').first().waitFor();
  expect((await drawer.locator('mark').allTextContents()).join('')).toContain('729,00');
  await tab.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
});

test('fifty passages and a question of nonsense fit too, and the question is there after a reload', async ({
  openTab,
  shop,
}) => {
  const tab = await openTab({ as: shop.person });
  const panel = new Panel(tab);
  await tab.goto(`/bots/${shop.bot.id}/documents/search`);

  await tab.getByRole('searchbox').fill('bicicleta');
  await tab.keyboard.press('Enter');
  await panel.list('Pasajes encontrados').waitFor();
  await tab.getByRole('combobox', { name: 'Cuántos pasajes' }).selectOption('50');
  const passages = panel.list('Pasajes encontrados').getByRole('listitem');
  await expect.poll(() => passages.count()).toBeGreaterThan(15);
  await tab.reload();
  await expect.poll(() => passages.count()).toBeGreaterThan(15);
  expect(await tab.getByRole('searchbox').inputValue()).toBe('bicicleta');
  expect(new URL(tab.url()).search).toBe('');
});

test('a citation whose document is deleted is drawn as gone, and its words stay', async ({ openTab, shop }) => {
  const { person } = shop;
  const bot = await person.newBot('Sin papeles');
  const document = await person.train(bot.id, 'La llave del almacén está bajo la maceta azul.', 'llaves.txt');
  const tab = await openTab({ as: person, theme: 'system' });
  const panel = new Panel(tab);
  await panel.openChat(bot.id);
  await panel.ask('¿Dónde está la llave del almacén?');
  const answer = await panel.wholeAnswer();
  await answer.getByRole('button', { name: 'Cita 1: llaves.txt', exact: true }).first().waitFor();
  await panel.conversationId();

  await person.call('DELETE', `/bots/${bot.id}/documents/${document.id}`);
  await tab.reload();

  await panel.said('El documento ya no está').waitFor();
  await look(tab, 'chat-gone');
  await answer.getByRole('button', { name: 'Cita 1: llaves.txt, un documento que ya no está' }).first().click();
  const drawer = panel.passageDrawer();
  await drawer.getByText(/se ha borrado/).waitFor();
  expect(await drawer.textContent()).toContain('bajo la maceta azul');
});

test('another search model is asked for, made ready and in force, and the bot goes on', async ({
  openTab,
  shop,
}) => {
  const { person } = shop;
  const bot = await person.newBot('Con otro modelo');
  const { id } = await person.train(bot.id, (await readFile(SAMPLE, 'utf8')).slice(0, 20_000), 'tienda.es.txt');
  await person.untilReady(bot.id, id);
  const tab = await openTab({ as: person, theme: 'system' });
  const panel = new Panel(tab);
  await tab.goto(`/bots/${bot.id}/settings`);

  await panel.button('Usar OpenAI para buscar').click();
  const dialog = panel.dialog('¿Buscar con OpenAI?');
  await dialog.getByText(/vectores de 1 documento; mientras tanto/).waitFor();
  await look(tab, 'settings-embedding-confirm');
  await dialog.getByRole('button', { name: 'Cambiar de modelo' }).click();
  await dialog.waitFor({ state: 'detached' });

  await panel.button('Usar Local para buscar').waitFor({ timeout: 60_000 });
  const row = panel.list('Modelo de búsqueda').getByRole('listitem').filter({ hasText: 'text-embedding-3-small' });
  await row.getByText('En uso').waitFor();
  await look(tab, 'settings-embedding', row);
});

/** Whether the price is within the lines that are shown. */
function isSeen(text: Locator): Promise<boolean> {
  return text.last().evaluate((element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent?.indexOf('729,00') ?? -1;
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 6);
      const clip = element.closest('.line-clamp-6')?.getBoundingClientRect();
      return clip !== undefined && range.getBoundingClientRect().bottom <= clip.bottom + 1;
    }
    return false;
  });
}

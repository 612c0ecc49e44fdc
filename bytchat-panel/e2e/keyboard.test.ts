// Who has no mouse gets as far: from the login to the cited passage by keys alone, always seeing where they are.
import { expect } from 'vitest';
import { type Tab, test } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { marked, Panel, QUESTION } from './panel.ts';
import { PASSWORD, Person } from './people.ts';

needsOwnPlatform();

const MOST_STEPS = 60;

/** What has the focus: its role or element, and its name. */
function focused(tab: Tab): Promise<string> {
  return tab.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return 'nothing';
    const labels = [...((element as HTMLInputElement).labels ?? [])].map(({ textContent }) => textContent);
    const name = element.getAttribute('aria-label') ?? (labels.join(' ') || element.textContent) ?? '';
    return `${element.getAttribute('role') ?? element.localName}: ${name.trim()}`;
  });
}

/** Whether the focus changes the picture: the same place is drawn with it and without it. */
async function isFocusSeen(tab: Tab): Promise<boolean> {
  const clip = await tab.evaluate(() => {
    const box = document.activeElement?.getBoundingClientRect();
    if (!box || box.width === 0) return null;
    const [x, y] = [Math.max(0, box.x - 8), Math.max(0, box.y - 8)];
    const [right, bottom] = [Math.min(innerWidth, box.right + 8), Math.min(innerHeight, box.bottom + 8)];
    return { x, y, width: right - x, height: bottom - y };
  });
  if (!clip || clip.width <= 0 || clip.height <= 0) return false;
  const element = await tab.evaluateHandle(() => document.activeElement as HTMLElement);
  const withFocus = await tab.screenshot({ clip, animations: 'disabled' });
  await element.evaluate((it) => it.blur());
  const without = await tab.screenshot({ clip, animations: 'disabled' });
  await element.evaluate((it) => it.focus({ preventScroll: true }));
  return !withFocus.equals(without);
}

/** Tab until this has the focus; every stop on the way is seen. */
async function tabTo(tab: Tab, wanted: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < MOST_STEPS; step++) {
    await tab.keyboard.press('Tab');
    const now = await focused(tab);
    passed.push(now);
    if (now === 'nothing') continue;
    expect.soft(await isFocusSeen(tab), `the focus is seen on «${now}»`).toBe(true);
    if (wanted.test(now)) return;
  }
  throw new Error(`Tab does not lead to ${wanted}:\n${passed.join('\n')}`);
}

test('keys alone lead from the login to the cited answer and its passage', async ({ openTab }) => {
  const person = await Person.register();
  const tab = await openTab();
  const panel = new Panel(tab);
  await tab.goto('/login');
  await expect.poll(() => focused(tab)).toMatch(/^input: Correo/);

  await tab.keyboard.type(person.email);
  await tabTo(tab, /^input: Contraseña/);
  await tab.keyboard.type(PASSWORD);
  await tab.keyboard.press('Enter');
  await panel.heading('Te damos la bienvenida a Bytchat').waitFor();

  await tabTo(tab, /^button: Crear mi primer bot/);
  await tab.keyboard.press('Enter');
  await expect.poll(() => focused(tab)).toMatch(/^input: Nombre/);
  await tab.keyboard.type('Tornavía');
  await tab.keyboard.press('Enter');
  await panel.button('Usa el manual de ejemplo').waitFor();

  await tabTo(tab, /^button: Usa el manual de ejemplo/);
  await tab.keyboard.press('Space');
  await panel.list('Preguntas sugeridas').waitFor({ timeout: 60_000 });
  await tabTo(tab, /^textarea: Pregunta/);
  await tab.keyboard.type(QUESTION);
  await tab.keyboard.press('Enter');
  await panel.wholeAnswer();
  expect(await focused(tab)).toMatch(/^textarea: Pregunta/);

  await tab.keyboard.press('Shift+Tab');
  for (let step = 0; step < MOST_STEPS && !/Cita 1: /.test(await focused(tab)); step++) {
    expect.soft(await isFocusSeen(tab), `the focus is seen on «${await focused(tab)}»`).toBe(true);
    await tab.keyboard.press('Shift+Tab');
  }
  expect(await focused(tab)).toBe('button: Cita 1: tienda.es.txt');
  await tab.keyboard.press('Enter');
  await panel.passageDrawer().locator('mark').first().waitFor();
  expect(await marked(panel.passageDrawer())).toContain('729,00');

  await tab.keyboard.press('Escape');
  await panel.passageDrawer().waitFor({ state: 'detached' });
  expect(await focused(tab)).toBe('button: Cita 1: tienda.es.txt');
});

test('the first Tab of every page offers to skip to its content', async ({ openTab }) => {
  const person = await Person.register();
  const tab = await openTab({ as: person });
  await tab.goto('/bots');
  await new Panel(tab).heading('Crea tu primer bot').waitFor();

  await tab.keyboard.press('Tab');
  expect(await focused(tab)).toBe('a: Saltar al contenido');
  await tab.keyboard.press('Enter');

  await tabTo(tab, /^button: Nuevo bot|^button: Crea/);
});

test('Escape stops an answer, and the composer keeps the focus', async ({ openTab }) => {
  const person = await Person.register();
  const bot = await person.scriptedBot('tokens=2000;pace_ms=20');
  const tab = await openTab({ as: person });
  const panel = new Panel(tab);
  await panel.openChat(bot.id);

  await panel.composer().focus();
  await tab.keyboard.type('¿Qué tal?');
  await tab.keyboard.press('Enter');
  await panel.answer().getByText('palabra palabra').waitFor();
  await tab.keyboard.press('Escape');

  await panel.said('Interrumpida. Se guarda lo que ya había dicho.').waitFor();
  expect(await focused(tab)).toMatch(/^textarea: Pregunta/);
});

// A chat when things go otherwise: stopped, broken off, refused, answered by another, read while it grows.
import { expect } from 'vitest';
import { type Tab, test } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { Panel } from './panel.ts';
import { type Model, Person } from './people.ts';

needsOwnPlatform();

async function openChat(openTab: (options: { as: Person }) => Promise<Tab>, ...models: Model[]) {
  const person = await Person.register();
  const bot = await person.newBot('Tornavía', models);
  const panel = new Panel(await openTab({ as: person }));
  await panel.openChat(bot.id);
  return { person, bot, panel };
}

const general = (script: string, provider: Model['provider'] = 'openai'): Model => ({
  task_type: 'general',
  provider,
  model_id: script,
});

const STOPPED = 'Interrumpida. Se guarda lo que ya había dicho.';

/** How many words of a counting answer are there. */
const words = async (panel: Panel) =>
  (await panel.answer().innerText()).split(/\s+/).filter((word) => word === 'palabra').length;

test('what was said before a stop stays, also after the page is loaded anew', async ({ openTab }) => {
  const { panel } = await openChat(openTab, general('tokens=2000;pace_ms=20'));

  await panel.ask('Cuenta.');
  await expect.poll(() => words(panel), { timeout: 15_000 }).toBeGreaterThan(20);
  await panel.button('Detener').click();
  await panel.said(STOPPED).waitFor();
  const seen = await words(panel);
  await panel.conversationId();
  await panel.tab.reload();

  await panel.said(STOPPED).waitFor();
  expect(await words(panel)).toBeGreaterThanOrEqual(seen);
  expect(await words(panel)).toBeLessThan(2000);
});

test('an answer that goes on while one is elsewhere is whole when one comes back', async ({ openTab }) => {
  const { panel } = await openChat(openTab, general('tokens=60;pace_ms=30'));

  await panel.ask('Cuenta.');
  await panel.answer().getByText('palabra').waitFor();
  await panel.link('Ajustes').click();
  await panel.heading('Ajustes').first().waitFor();
  await panel.tab.goBack();

  await panel.wholeAnswer();
  expect(await words(panel)).toBe(60);
});

test('an answer that breaks off stays in the thread with the reason, and can be asked for again', async ({
  openTab,
}) => {
  const { panel } = await openChat(openTab, general('tokens=50;fail_after=12'));
  const broken = panel.answer().getByText(/^La respuesta se cortó\./);

  await panel.ask('Cuenta.');
  await broken.waitFor();
  expect(await words(panel)).toBe(12);
  await panel.conversationId();
  await panel.tab.reload();
  await broken.waitFor();
  expect(await words(panel)).toBe(12);

  await panel.button('Responder otra vez').click();
  await panel.said('Respuesta 2 de 2').waitFor();
  await panel.button('Respuesta anterior').click();
  await panel.said('Respuesta 1 de 2').waitFor();
});

test('where a model fails before its first word the next one answers, and the reason is told', async ({
  openTab,
}) => {
  const { panel } = await openChat(openTab, general('fail=500;a=1'), general('say=Respondo yo.', 'google'));

  await panel.ask('¿Quién responde?');
  const answer = await panel.wholeAnswer();

  expect(await answer.innerText()).toContain('Respondo yo.');
  await answer.getByText('¿Por qué este modelo?').click();
  const reason = await answer.getByRole('group').innerText();
  expect(reason).toContain('google');
  expect(reason).toContain('fail=500;a=1');
});

test('where nobody can answer the thread says why below the question, with the way to mend it', async ({
  openTab,
}) => {
  // The operator has set up no server for it.
  const { panel } = await openChat(openTab, general('llama', 'local'));
  const { tab } = panel;
  tab.watch.expectStatus(409);

  await panel.ask('¿Hay alguien?');
  await tab.getByRole('alert').filter({ hasText: 'Falta la clave' }).waitFor();

  await tab.getByRole('article', { name: 'Tu pregunta' }).filter({ hasText: '¿Hay alguien?' }).waitFor();
  await panel.link('Revisar las claves').click();
  await tab.waitForURL('**/providers');
});

test('an empty toolbox leads to the toolbox', async ({ openTab }) => {
  const person = await Person.register();
  const bot = await person.newBot();
  await person.call('DELETE', `/bots/${bot.id}/models/${bot.configs[0]?.id}`);
  const tab = await openTab({ as: person });
  tab.watch.expectStatus(409);
  const panel = new Panel(tab);
  await panel.openChat(bot.id);

  await panel.ask('¿Hay alguien?');
  await panel.link('Ir a la caja de herramientas').click();

  await panel.heading('Este bot no puede responder todavía').waitFor();
});

test('a question that no model answered can be edited, and nothing of it is lost', async ({ openTab }) => {
  const { panel, person, bot } = await openChat(openTab, general('fail=401'));
  panel.tab.watch.expectStatus(409, 503);

  await panel.ask('Una pregunta larga que costó escribir.');
  await panel.tab.getByRole('alert').waitFor();
  await person.call('POST', `/bots/${bot.id}/models/`, general('say=Ahora sí.', 'google'));
  await panel.button('Reintentar').click();

  const answer = await panel.wholeAnswer();
  expect(await answer.innerText()).toContain('Ahora sí.');
  expect(await panel.said('Una pregunta larga que costó escribir.').count()).toBeGreaterThan(0);
});

/** Where the reader is in the thread. */
const place = (panel: Panel) =>
  panel.tab.getByRole('region', { name: 'Mensajes' }).evaluate(({ scrollTop, scrollHeight, clientHeight }) => ({
    top: scrollTop,
    left: scrollHeight - clientHeight - scrollTop,
    isScrollable: scrollHeight > clientHeight + 300,
  }));

test('a growing answer is followed until the reader scrolls up, and again when they ask for it', async ({
  openTab,
}) => {
  const { panel } = await openChat(openTab, general('tokens=8000;pace_ms=4'));

  await panel.ask('Cuenta.');
  await expect.poll(async () => (await place(panel)).isScrollable, { timeout: 30_000 }).toBe(true);
  expect((await place(panel)).left).toBeLessThan(100);
  await panel.tab.getByRole('region', { name: 'Mensajes' }).hover();
  await panel.tab.mouse.wheel(0, -250);
  await panel.button('Ir al final').waitFor();
  const read = await place(panel);
  const said = await words(panel);
  await expect.poll(() => words(panel), { timeout: 15_000 }).toBeGreaterThan(said + 100);
  expect((await place(panel)).top).toBeCloseTo(read.top, -1);

  await panel.button('Ir al final').click();

  await panel.button('Ir al final').waitFor({ state: 'detached' });
  await expect.poll(async () => (await place(panel)).left).toBeLessThan(100);
  await panel.button('Detener').click();
});

const CODE = ['def saluda(nombre):', '    return f"Hola, {nombre}"'].join('\n');

test('the code of an answer is copied as it is', async ({ openTab }) => {
  const { panel } = await openChat(openTab, general('eco'));
  await panel.tab.context().grantPermissions(['clipboard-read', 'clipboard-write']);

  await panel.ask(`Di:\n\n\`\`\`python\n${CODE}\n\`\`\`\n\nYa.`);
  await panel.wholeAnswer();
  await panel.button('Copiar código').click();

  await expect.poll(() => panel.tab.evaluate(() => navigator.clipboard.readText())).toBe(CODE);
});

// How a session begins, ends, and what is left of it: nothing.
import { expect, inject } from 'vitest';
import type { Session } from '@/api/types';
import { secondTab, type Tab, type TabOptions, test } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { Panel } from './panel.ts';
import { Person } from './people.ts';
import { heapStrings, stored } from './storage.ts';

needsOwnPlatform();

const CANARY = 'ornitorrinco-esmeralda-4711';

const path = (tab: Tab) => tab.url().slice(new URL(tab.url()).origin.length);
const revoke = (person: Person) => person.call('POST', '/token/revoke');

test('a visitor of the start page is led to the login, and to the start page after it', async ({ openTab }) => {
  const person = await Person.register();
  const panel = new Panel(await openTab());

  await panel.tab.goto('/');
  await panel.heading('Entra en Bytchat').waitFor();
  expect(path(panel.tab)).toBe('/login');
  await panel.logIn(person.email);

  await panel.heading('Te damos la bienvenida a Bytchat').waitFor();
  expect(path(panel.tab)).toBe('/');
});

test('a deep link leads over the login to where it points', async ({ openTab }) => {
  const person = await Person.register();
  const bot = await person.newBot();
  const panel = new Panel(await openTab());
  const deep = `/bots/${bot.id}/documents?orden=fecha`;

  await panel.tab.goto(deep);
  await panel.heading('Entra en Bytchat').waitFor();
  await panel.logIn(person.email);

  await panel.tab.waitForURL(`**${deep}`);
  await panel.heading('Documentos').waitFor();
});

test('the way through the registration does not forget where it leads', async ({ openTab }) => {
  const tab = await openTab();
  const panel = new Panel(tab);
  await tab.goto('/login?next=%2Fproviders');

  await panel.link('Crea una').click();
  await panel.heading('Crea tu cuenta').waitFor();
  await panel.field('Correo').fill(`${crypto.randomUUID()}@ejemplo.com`);
  await panel.field('Contraseña').fill('una-clave-muy-larga-9');
  await panel.button('Crear la cuenta').click();

  await tab.waitForURL('**/providers');
});

test('a wrong password says so in the form, which keeps the e-mail', async ({ openTab }) => {
  const person = await Person.register();
  const tab = await openTab();
  tab.watch.expectStatus(401);
  const panel = new Panel(tab);
  await tab.goto('/login');

  await panel.logIn(person.email, 'otra-clave-muy-larga');

  await tab.getByRole('alert').getByText('El correo o la contraseña no son correctos.').waitFor();
  expect(await panel.field('Correo').inputValue()).toBe(person.email);
});

test('a revoked token leads to the login, which says why, and back', async ({ openTab }) => {
  const person = await Person.register();
  const tab = await openTab({ as: person });
  tab.watch.expectStatus(401);
  const panel = new Panel(tab);
  await tab.goto('/');
  await panel.heading('Te damos la bienvenida a Bytchat').waitFor();

  await revoke(person);
  await panel.link('Modelos y claves').click();

  await panel.said(/^Tu sesión ha terminado/).waitFor();
  await panel.logIn(person.email);
  await tab.waitForURL('**/providers');
});

test('an old tab with a dead token shows the login and nothing else', async ({ openTab }) => {
  const person = await Person.register();
  await revoke(person);
  const tab = await openTab({ as: person });
  tab.watch.expectStatus(401);
  const panel = new Panel(tab);

  await tab.goto('/account');

  await panel.said(/^Tu sesión ha terminado/).waitFor();
  expect(await stored(tab)).not.toContain(person.token);
});

test('a logout in one tab is a logout in the other', async ({ openTab }) => {
  const person = await Person.register();
  const first = await openTab({ as: person });
  const second = await secondTab(first);
  await first.goto('/bots');
  await second.goto('/account');
  await new Panel(first).heading('Crea tu primer bot').waitFor();
  await new Panel(second).heading('Borrar la cuenta').waitFor();

  await new Panel(second).logOut();

  await first.waitForURL('**/login');
  await new Panel(first).heading('Entra en Bytchat').waitFor();
});

const ELSEWHERE = [
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '\\\\evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  'data:text/html,x',
  '/login?next=//evil.example',
];

test('no address can make the login lead elsewhere', async ({ openTab }) => {
  const person = await Person.register();
  for (const next of ELSEWHERE) {
    const panel = new Panel(await openTab());
    await panel.tab.goto(`/login?${new URLSearchParams({ next })}`);
    await panel.logIn(person.email);

    await panel.heading('Te damos la bienvenida a Bytchat').waitFor();
    expect(panel.tab.url(), JSON.stringify(next)).toBe(`${inject('panelUrl')}/`);
    await panel.tab.close();
  }
});

/** A chat that says the canary, open in a tab that has nothing else to tell. */
async function openChat(openTab: (options: TabOptions) => Promise<Tab>, person: Person): Promise<Panel> {
  const bot = await person.scriptedBot(`say=Dice ${CANARY} y nada más.`);
  const panel = new Panel(await openTab({ as: person }));
  await panel.openChat(bot.id);
  await panel.ask(`Repite ${CANARY}, por favor.`);
  await panel.wholeAnswer();
  return panel;
}

/** Whatever the browser still holds of the token or of the chat: in its stores, its memory and what it draws. */
async function remains(tab: Tab, person: Person): Promise<string[]> {
  const drawn = await tab.evaluate(() => document.documentElement.outerHTML);
  const kept = [await stored(tab), drawn, ...(await heapStrings(tab))];
  const telling = kept.filter((text) => text.includes(person.token) || text.includes(CANARY));
  return telling.map((text) => text.slice(0, 120));
}

test('what looks for remains finds them while somebody is logged in', async ({ openTab }) => {
  const person = await Person.register();
  const { tab } = await openChat(openTab, person);

  const found = (await remains(tab, person)).join('\n');

  expect(found).toContain(person.token.slice(0, 20));
  expect(found).toContain(CANARY);
});

test('OUT-3: after a logout neither the token nor the chat is in any store or in memory', async ({ openTab }) => {
  const person = await Person.register();
  const panel = await openChat(openTab, person);

  await panel.logOut();

  expect(await remains(panel.tab, person)).toEqual([]);
});

/** Go where something is asked of the server; the panel may have asked by itself before, and shown the login. */
async function meetTheRefusal(panel: Panel): Promise<void> {
  const over = panel.said(/^Tu sesión ha terminado/);
  await panel.link('Modelos y claves').or(over).first().waitFor();
  if (!(await over.isVisible())) {
    await panel
      .link('Modelos y claves')
      .click({ timeout: 5_000 })
      .catch(() => undefined);
  }
  await over.waitFor();
}

test('OUT-3: a session that ended on the server leaves nothing in memory either', async ({ openTab }) => {
  const person = await Person.register();
  const panel = await openChat(openTab, person);
  panel.tab.watch.expectStatus(401);

  await revoke(person);
  await meetTheRefusal(panel);

  expect(await remains(panel.tab, person)).toEqual([]);
});

test('OUT-3: a session that is ended from another device leaves nothing behind', async ({ openTab }) => {
  const person = await Person.register();
  const panel = await openChat(openTab, person);
  panel.tab.watch.expectStatus(401);
  const elsewhere = await Person.logIn(person.email);
  const sessions = await elsewhere.call<Session[]>('GET', '/users/me/sessions');

  for (const { id, current } of sessions) {
    if (!current) await elsewhere.call('DELETE', `/users/me/sessions/${id}`);
  }
  await meetTheRefusal(panel);

  expect(await remains(panel.tab, person)).toEqual([]);
});

test('OUT-3: an account that is deleted leaves nothing behind in the browser', async ({ openTab }) => {
  const person = await Person.register();
  const panel = await openChat(openTab, person);
  await panel.tab.getByRole('button', { name: /^Tu cuenta/ }).click();
  await panel.tab.getByRole('menuitem', { name: 'Cuenta' }).click();

  await panel.button('Borrar la cuenta…').click();
  const dialog = panel.dialog('¿Borrar tu cuenta?');
  await dialog.getByRole('textbox').fill(person.email);
  await dialog.getByRole('button', { name: 'Borrar para siempre' }).click();

  await panel.said(/se han borrado/).waitFor();
  expect(await remains(panel.tab, person)).toEqual([]);
});

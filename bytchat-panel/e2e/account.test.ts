// What one sees and does about one's own account: where it is open, its copy, what it uses, on a desk and on a phone.
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Quota } from '@/api/types';
import { PICTURES, type Tab, test } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { faultsOf } from './objections.ts';
import { Panel } from './panel.ts';
import { Person } from './people.ts';

needsOwnPlatform();

const PHONE = { width: 360, height: 740 };

async function openAccount(tab: Tab): Promise<Panel> {
  const panel = new Panel(tab);
  await tab.goto('/account');
  await panel.list('Sesiones abiertas').waitFor();
  await panel.list('Uso y límites').waitFor();
  return panel;
}

const sessions = (panel: Panel) => panel.list('Sesiones abiertas').getByRole('listitem');

async function picture(tab: Tab, name: string): Promise<void> {
  await tab.screenshot({ path: `${PICTURES}/${name}.png` });
}

/** As tall as the page, so that a picture shows all of it. */
async function grow(tab: Tab, width: number): Promise<void> {
  await tab.setViewportSize({ width, height: 2400 });
}

/** The limits of an account that is nearly full; the real ones are far away. */
async function serveQuotas(tab: Tab, changes: Record<string, Partial<Quota>>): Promise<void> {
  await tab.route(/\/api\/users\/me\/quotas$/, async (route) => {
    const real = (await (await route.fetch()).json()) as Quota[];
    await route.fulfill({ json: real.map((quota) => ({ ...quota, ...changes[quota.quota] })) });
  });
}

test('sessions say with what they were opened, and one that is ended is dead at once', async ({ openTab }) => {
  const person = await Person.register();
  const other = await Person.logIn(person.email);
  const tab = await openTab();
  const panel = new Panel(tab);
  await tab.goto('/login');
  await panel.logIn(person.email);
  await panel.heading('Te damos la bienvenida a Bytchat').waitFor();
  await openAccount(tab);
  expect(await sessions(panel).count()).toBe(3);
  expect(await sessions(panel).first().textContent()).toMatch(/Chrome en Linux.*Esta sesión/);

  for (const rest of [2, 1]) {
    await tab
      .getByRole('button', { name: /^Cerrar sesión de node/ })
      .first()
      .click();
    await panel.dialog('¿Cerrar la sesión de node?').getByRole('button', { name: 'Cerrar sesión' }).click();
    await expect.poll(() => sessions(panel).count()).toBe(rest);
  }

  await expect(person.call('GET', '/users/me')).rejects.toThrow('401');
  await expect(other.call('GET', '/users/me')).rejects.toThrow('401');
  await tab.reload();
  await panel.list('Sesiones abiertas').waitFor();
  expect(await sessions(panel).count()).toBe(1);
});

test('ending one’s own session leads to the login, and its token is dead', async ({ openTab }) => {
  const person = await Person.register();
  const tab = await openTab({ as: person });
  const panel = await openAccount(tab);

  await tab.getByRole('button', { name: /^Cerrar sesión de/ }).click();
  await panel.dialog('¿Cerrar esta sesión?').getByRole('button', { name: 'Cerrar sesión' }).click();

  await panel.heading('Entra en Bytchat').waitFor();
  await expect(person.call('GET', '/users/me')).rejects.toThrow('401');
});

test('a change of the password empties the list of the others', async ({ openTab }) => {
  const person = await Person.register();
  await Person.logIn(person.email);
  const panel = await openAccount(await openTab({ as: person }));
  expect(await sessions(panel).count()).toBe(2);

  await panel.field('Contraseña actual').fill('una-clave-muy-larga-9');
  await panel.field('Contraseña nueva').fill('otra-clave-muy-larga-8');
  await panel.button('Cambiar la contraseña').click();

  await panel.said('Contraseña cambiada. Tus demás sesiones se han cerrado.').waitFor();
  await expect.poll(() => sessions(panel).count()).toBe(1);
});

test('the export is a file with all that is mine, under the policy of a release', async ({ openTab }) => {
  const person = await Person.register();
  const bot = await person.newBot('Tornavía');
  await person.train(bot.id, 'La Molinera cuesta 729 euros.', 'precios.txt');
  const tab = await openTab({ as: person });
  const panel = await openAccount(tab);
  const download = tab.waitForEvent('download');

  await panel.button('Descargar mis datos').click();

  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^bytchat-\d{4}-\d{2}-\d{2}\.json$/);
  const text = await readFile(await file.path(), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ format: 'bytchat-export', version: 1 });
  expect(text).toContain('La Molinera cuesta 729 euros.');
  expect(text).not.toContain(person.token);
  await panel.said(/^Descargado/).waitFor();
});

test('the account page is open to everybody in each state, in both themes and on a phone', async ({ openTab }) => {
  const person = await Person.register();
  await Person.logIn(person.email);
  const tab = await openTab({ as: person, theme: 'system' });
  await serveQuotas(tab, {
    documents: { used: 873 },
    stored_bytes: { used: 1_073_741_824 },
    tokens_per_day: { used: 41_250, limit: 2_000_000 },
  });
  const panel = await openAccount(tab);

  for (const { width } of [{ width: 1280 }, PHONE]) {
    await grow(tab, width);
    for (const theme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme: theme });
      await tab.locator(`html[data-theme=${theme}]`).waitFor();
      await picture(tab, `account-whole-${theme}-${width}`);
      expect.soft(await faultsOf(tab), `${theme} ${width}`).toEqual([]);
    }
  }
  await tab.setViewportSize(PHONE);
  await tab
    .getByRole('button', { name: /^Cerrar sesión de node/ })
    .first()
    .click();
  await picture(tab, 'account-end-session-360');
  expect.soft(await faultsOf(tab)).toEqual([]);
  await panel.dialog('¿Cerrar').getByRole('button', { name: 'Cancelar' }).click();
  await panel.button('Borrar la cuenta…').click();
  await picture(tab, 'account-delete-360');
  expect.soft(await faultsOf(tab)).toEqual([]);
});

test('what fails on the account page is said in its place, and can be asked for again', async ({ openTab }) => {
  const person = await Person.register();
  const tab = await openTab({ as: person });
  tab.watch.expectStatus(418, 429);
  const refused = /\/api\/users\/me\/(sessions|quotas|export)$/;
  const isExport = (url: string) => url.endsWith('export');
  await tab.route(refused, (route) =>
    route.fulfill({
      status: isExport(route.request().url()) ? 429 : 418,
      contentType: 'application/problem+json',
      headers: { 'Retry-After': '20' },
      json: {
        type: 'x',
        title: 'x',
        status: 418,
        detail: 'x',
        code: isExport(route.request().url()) ? 'export_under_way' : 'too_many_requests',
      },
    }),
  );
  const panel = new Panel(tab);
  await tab.goto('/account');
  await expect.poll(() => panel.button('Reintentar').count()).toBe(2);
  await panel.button('Descargar mis datos').click();
  await expect.poll(() => panel.said(/^Demasiados intentos/).count()).toBe(2);
  await panel.said(/^Ya se está preparando o enviando una copia/).waitFor();
  await grow(tab, 1280);
  await picture(tab, 'account-refused');
  expect.soft(await faultsOf(tab)).toEqual([]);
  await tab.unroute(refused);

  await panel.button('Reintentar').first().click();
  await panel.button('Reintentar').last().click();

  await panel.list('Sesiones abiertas').waitFor();
  await panel.list('Uso y límites').waitFor();
});

test('where there is no room for another bot or document the page says so before one tries', async ({
  openTab,
}) => {
  const person = await Person.register();
  const bot = await person.newBot();
  const tab = await openTab({ as: person });
  await serveQuotas(tab, { bots: { used: 1, limit: 1 }, documents: { used: 2, limit: 2 } });
  const panel = new Panel(tab);

  await tab.goto('/bots');
  await panel.said(/^Has llegado al límite de un bot\./).waitFor();
  await panel.button('Nuevo bot').click();
  await panel
    .dialog('Nuevo bot')
    .getByText(/^Has llegado al límite/)
    .waitFor();
  await picture(tab, 'bots-full');
  expect.soft(await faultsOf(tab)).toEqual([]);

  await tab.goto(`/bots/${bot.id}/documents`);
  await panel.said(/^Has llegado al límite de 2 documentos/).waitFor();
  await tab.setViewportSize(PHONE);
  await picture(tab, 'documents-full-360');
  expect.soft(await faultsOf(tab)).toEqual([]);
});

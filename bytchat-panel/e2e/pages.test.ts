// Every page in both themes, on a desk and on a phone: nobody is shut out, and nothing is cut off. With pictures.
import { expect } from 'vitest';
import { test as base, PICTURES } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { objections, overflowing } from './objections.ts';
import { Panel } from './panel.ts';
import { endWorld, makeWorld, VIEWS, viewer } from './views.ts';

needsOwnPlatform();

const THEMES = ['light', 'dark'] as const;
const PHONE = { width: 360, height: 740 };
const WIDTHS = [
  [{ width: 1280, height: 800 }, ''],
  [PHONE, '-360'],
] as const;

const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it that nothing is needed.
  .extend('world', { scope: 'file' }, async ({}, { onCleanup }) => {
    const world = await makeWorld();
    onCleanup(() => endWorld(world));
    return world;
  });

for (const [name, view] of Object.entries(VIEWS)) {
  test(`${name} is open to everybody, in both themes and on a phone`, async ({ openTab, world }) => {
    const tab = await openTab({ theme: 'system', ...viewer(view, world) });
    tab.watch.expectStatus(...(view.meets ?? []));
    await tab.goto(view.path(world));
    await view.show(new Panel(tab));

    for (const [width, suffix] of WIDTHS) {
      await tab.setViewportSize(width);
      for (const theme of THEMES) {
        await tab.emulateMedia({ colorScheme: theme });
        await tab.locator(`html[data-theme=${theme}]`).waitFor();
        // Colours go over slowly; one that is begun anew gives the old one up.
        await tab.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
        await tab.screenshot({ path: `${PICTURES}/${name}-${theme}${suffix}.png` });
        expect.soft(await objections(tab), theme + suffix).toEqual([]);
      }
      expect.soft(await overflowing(tab), suffix).toEqual([]);
    }
  });
}

test('the menu of a phone is open to everybody, and closes when one goes somewhere', async ({ openTab, world }) => {
  const tab = await openTab({ as: world.owner, ...PHONE });
  const panel = new Panel(tab);
  await tab.goto('/');

  await panel.button('Abrir el menú').click();
  const menu = panel.dialog('Navegación');
  await menu.waitFor();
  await tab.screenshot({ path: `${PICTURES}/menu-360.png` });
  expect.soft(await objections(tab)).toEqual([]);
  await menu.getByRole('link', { name: 'Modelos y claves' }).click();

  await panel.heading('Modelos y claves').waitFor();
  await menu.waitFor({ state: 'detached' });
});

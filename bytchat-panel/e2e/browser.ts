// `test` with tabs of a real browser. A tab that breaks the policy, throws or calls elsewhere fails its test.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { test as base, inject } from 'vitest';
import { launch } from './chromium.ts';
import type { Person } from './people.ts';
import { Watch } from './watch.ts';

export type Theme = 'light' | 'dark' | 'system';

export interface TabOptions {
  /** Logged in as this person; nobody else. */
  as?: Person;
  theme?: Theme;
  language?: 'es' | 'en';
  width?: number;
  height?: number;
  /** Where the panel is; the platform's own unless told. */
  panelUrl?: string;
  /** The API's, where it is another than the panel's. */
  otherOrigins?: string[];
}

export interface Tab extends Page {
  watch: Watch;
}

type OpenTab = (options?: TabOptions) => Promise<Tab>;

const PATIENCE_MS = 15_000;
/** Where the tests put pictures; git does not see it. */
export const PICTURES = `${import.meta.dirname}/screenshots`;

export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs.
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launch();
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('openTab', async ({ browser, task }, { onCleanup }) => {
    const tabs: Tab[] = [];
    onCleanup(async () => {
      if (task.result?.state === 'fail') await keepPictures(tabs, task.name);
      for (const tab of tabs) await tab.context().close();
      for (const tab of tabs) tab.watch.requireClean();
    });
    const openTab: OpenTab = async (options = {}) => {
      const tab = await open(browser, options);
      tabs.push(tab);
      return tab;
    };
    return openTab;
  });

async function open(browser: Browser, options: TabOptions): Promise<Tab> {
  const panelUrl = options.panelUrl ?? inject('panelUrl');
  const context = await browser.newContext({
    baseURL: panelUrl,
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    locale: options.language === 'en' ? 'en-GB' : 'es-ES',
    colorScheme: options.theme === 'dark' ? 'dark' : 'light',
    reducedMotion: 'reduce',
    storageState: { cookies: [], origins: [{ origin: panelUrl, localStorage: stored(options) }] },
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const watch = await Watch.over(context, [panelUrl, ...(options.otherOrigins ?? [])]);
  return Object.assign(await context.newPage(), { watch });
}

/** What this browser remembers of an earlier visit. */
function stored({ as: person, theme = 'light', language = 'es' }: TabOptions) {
  const preferences = {
    name: 'bytchat-preferences',
    value: JSON.stringify({ state: { theme, language }, version: 0 }),
  };
  if (!person) return [preferences];
  const session = { state: { token: person.token }, version: 0 };
  return [preferences, { name: 'bytchat-session', value: JSON.stringify(session) }];
}

/** A second tab of the same browser: it shares the storage, and is watched as the first. */
export async function secondTab(tab: Tab): Promise<Tab> {
  const context: BrowserContext = tab.context();
  return Object.assign(await context.newPage(), { watch: tab.watch });
}

async function keepPictures(tabs: Tab[], name: string): Promise<void> {
  const file = name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 80);
  for (const [at, tab] of tabs.entries()) {
    const path = `${PICTURES}/failed/${file}-${at}.png`;
    if (!tab.isClosed()) await tab.screenshot({ path }).catch(() => {});
  }
}

// The panel at one origin, the API at another: all that works behind a proxy works across, for the origins that are let in.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { contentSecurityPolicy } from '../security.ts';
import { test as base, type Tab } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import { marked, Panel, QUESTION, SAMPLE } from './panel.ts';
import { newEmail } from './people.ts';
import { buildPanel, startPanel } from './platform.ts';
import { freePorts, type Running, waitUntil } from './process.ts';

needsOwnPlatform();

interface Panels {
  listed: string;
  unlisted: string;
}

const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs.
  .extend('panels', { scope: 'file' }, async ({}, { onCleanup }): Promise<Panels> => {
    const folder = await mkdtemp(join(tmpdir(), 'bytchat-origins-'));
    const panels: Running[] = [];
    onCleanup(async () => {
      for (const panel of panels) await panel.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const apiUrl = inject('apiUrl');
    const bundle = join(folder, 'dist');
    const env = { VITE_API_URL: apiUrl };
    await buildPanel(bundle, env);

    const serve = async (port: string) => {
      const panel = startPanel({ port, apiUrl, bundle, env });
      panels.push(panel);
      const url = `http://127.0.0.1:${port}`;
      const answers = () => fetch(url).then(Boolean, () => false);
      await waitUntil(answers, { withinMs: 30_000, what: url });
      return url;
    };
    const [other] = await freePorts(1);
    const listed = await serve(new URL(inject('otherPanelUrl')).port);
    return { listed, unlisted: await serve(String(other)) };
  });

test('the policy of this build names the API and nobody else', async ({ panels }) => {
  const { headers } = await fetch(panels.listed);

  expect(headers.get('content-security-policy')).toBe(contentSecurityPolicy(inject('apiUrl')));
  expect(headers.get('content-security-policy')).toContain(`connect-src 'self' ${inject('apiUrl')};`);
});

test('from a listed origin one registers, creates, trains, asks and reads the citation', {
  timeout: 180_000,
}, async ({ panels, openTab }) => {
  const tab = await openTab({ panelUrl: panels.listed, otherOrigins: [inject('apiUrl')] });
  const asked = callsOf(tab);

  const panel = new Panel(tab);
  await panel.register(newEmail());
  const botId = await newBot(panel);
  await tab.goto(`/bots/${botId}/documents`);
  await panel.upload(SAMPLE);
  await panel.openChat(botId);
  await panel.ask(QUESTION);
  const drawer = await panel.openFirstCitation();

  expect(await marked(drawer)).toContain('Molinera');
  const paths = asked.map(({ path }) => path).join('\n');
  expect(paths).toMatch(/\/train\n[\s\S]*\/documents\/events[\s\S]*\/chat\/[\s\S]*\/text/);
  expect(asked.filter(({ origin }) => origin !== inject('apiUrl'))).toEqual([]);
});

test('across origins a refusal of the API keeps its own words', async ({ panels, openTab }) => {
  const tab = await openTab({ panelUrl: panels.listed, otherOrigins: [inject('apiUrl')] });
  tab.watch.expectStatus(404);
  await new Panel(tab).register(newEmail());

  await tab.goto('/bots/019c0000-0000-7000-8000-000000000000/chat');

  await tab.getByText('Ese bot no existe').first().waitFor();
});

test('an origin that is not listed is refused by the browser, and the panel says that nobody answers', async ({
  panels,
  openTab,
}) => {
  const tab = await openTab({ panelUrl: panels.unlisted, otherOrigins: [inject('apiUrl')] });
  tab.watch.expectConsole(/CORS|Failed to load resource/);
  await tab.goto('/login');

  await new Panel(tab).logIn(newEmail());

  const said = await tab.getByRole('alert').first().textContent();
  expect(said).toMatch(/no responde|conexión|servidor/);
  expect(await tab.evaluate(() => JSON.stringify(localStorage))).not.toContain('eyJ');
});

function callsOf(tab: Tab): { origin: string; path: string }[] {
  const calls: { origin: string; path: string }[] = [];
  tab.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (['fetch', 'xhr', 'eventsource'].includes(request.resourceType())) calls.push({ origin, path: pathname });
  });
  return calls;
}

async function newBot(panel: Panel): Promise<string> {
  await panel.tab.goto('/bots');
  await panel.tab.getByRole('button', { name: 'Nuevo bot' }).first().click();
  return panel.createBot('Tornavía');
}

// How the panel feels: what it weighs, and what it does to the reader while an answer streams or a long list is open.
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type Tab, test } from './browser.ts';
import { needsOwnPlatform } from './given.ts';
import {
  collectScripts,
  figuresOf,
  isBenchmark,
  measure,
  percentile,
  processorTime,
  startMeasuring,
  sum,
  tell,
} from './measure.ts';
import { Person } from './people.ts';

needsOwnPlatform();

const FIRST_LOAD_BYTES = 200 * 1024;
const BUNDLE = `${import.meta.dirname}/../dist`;
/**
 * Of milliseconds, and of a core. When a key is painted hangs on whatever else wants the two cores just then:
 * `make bench-panel` holds that budget, a suite that shares its machine asks only that nothing stands still.
 */
const LIMITS = { interactionP98: isBenchmark ? 100 : 2000, frameP95: 34, busyShare: 0.6 };
const RUNS = 3;

/** Words of the chart and highlighting libraries that no minifier takes away. */
const HEAVY = /recharts-|hljs-|mdast|micromark/;

for (const [path, who] of [
  ['/login', 'somebody who is not logged in'],
  ['/', 'a new account'],
] as const) {
  test(`${who} fetches at most 200 KB of script, gzipped, for ${path}`, async ({ openTab }) => {
    const tab = await openTab(path === '/' ? { as: await Person.register() } : {});
    const scripts = collectScripts(tab);
    await tab.goto(path);
    await tab.waitForLoadState('networkidle');

    const all = await scripts();
    const bytes = sum(all.map(({ gzipBytes }) => gzipBytes));

    await tell(`first load of ${path}`, { kilobytes: bytes / 1024, files: all.length });
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
    expect(all.filter(({ text }) => HEAVY.test(text)).map(({ path }) => path)).toEqual([]);
  });
}

interface Chunk {
  file: string;
  imports?: string[];
  isEntry?: boolean;
}

test('what the bundle loads before its first page is within 200 KB too', async () => {
  const manifest = JSON.parse(await readFile(`${BUNDLE}/.vite/manifest.json`, 'utf8')) as Record<string, Chunk>;
  const reached = new Set<string>();
  const reach = (name: string) => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const next of manifest[name]?.imports ?? []) reach(next);
  };
  for (const [name, chunk] of Object.entries(manifest)) if (chunk.isEntry) reach(name);

  const files = [...reached].map((name) => manifest[name]?.file ?? '').filter((file) => file.endsWith('.js'));
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(`${BUNDLE}/${file}`)).length));

  await tell('entry of the bundle', { kilobytes: sum(sizes) / 1024, files: files.length });
  expect(sum(sizes)).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
});

const SECTION = `## Un apartado

Un párrafo con **negrita**, *cursiva*, \`código\`, un [enlace](https://example.org) y una lista:

- primero, con bastante texto para que la línea no quepa entera en una pantalla estrecha
- segundo
  1. dentro
  2. más adentro

| Modelo | Precio | Contexto |
| --- | ---: | --- |
| uno | 0,15 | 128 000 |
| dos | 2,50 | 1 000 000 |

\`\`\`ts
export function suma(a: number, b: number): number {
  return a + b;
}
\`\`\`

`;

const ANSWERS = {
  'four thousand words': { script: 'tokens=4000;pace_ms=2', question: 'Cuenta.' },
  'rich Markdown': { script: 'pace_ms=3', question: SECTION.repeat(26) },
};

for (const [name, { script, question }] of Object.entries(ANSWERS)) {
  test(`while ${name} stream nothing shifts, keys answer and frames come`, {
    timeout: 180_000,
  }, async ({ openTab }) => {
    const person = await Person.register();
    const bot = await person.scriptedBot(script);
    const runs: Streaming[] = [];
    // What else the machine does only ever makes it slower: the best run counts, and a good one is enough.
    while (runs.length < RUNS && !runs.some(isQuick)) {
      const tab = await openTab({ as: person });
      await measure(tab);
      await tab.goto(`/bots/${bot.id}/chat`);
      runs.push(await streamAndUse(tab, question));
      await tab.context().close();
    }

    for (const run of runs) await tell(`streaming ${name}`, { ...run });
    const best = runs.at(-1);
    expect.soft(Math.max(...runs.map(({ shift }) => shift))).toBeLessThan(0.01);
    expect.soft(best?.interactions).toBeGreaterThan(50);
    expect(runs.filter(isQuick)).toHaveLength(1);
  });
}

interface Streaming {
  shift: number;
  interactionP98: number;
  interactions: number;
  frameP95: number;
  longTasks: number;
  longestTask: number;
  /** Of a core, by the main thread. */
  busyShare: number;
}

const isQuick = ({ interactionP98, frameP95, busyShare }: Streaming) =>
  interactionP98 < LIMITS.interactionP98 && frameP95 <= LIMITS.frameP95 && busyShare < LIMITS.busyShare;

/** Ask, and type, press and move about until the answer is whole. */
async function streamAndUse(tab: Tab, question: string): Promise<Streaming> {
  const composer = tab.getByRole('textbox', { name: 'Pregunta' });
  await composer.fill(question);
  await composer.press('Enter');
  await tab.getByRole('article').last().waitFor();
  await startMeasuring(tab);
  const used = await processorTime(tab);
  const stop = tab.getByRole('button', { name: 'Detener' });
  while (await stop.isVisible()) {
    await composer.pressSequentially('otra cosa ', { delay: 40 });
    await pressIfThere(tab, 'Ocultar las conversaciones');
    await pressIfThere(tab, 'Mostrar las conversaciones');
    await tab.keyboard.press('Shift+Tab');
    await tab.mouse.wheel(0, -300);
    await tab.mouse.wheel(0, 2000);
    await composer.click();
  }
  const usedS = await used();
  const { shift, interactions, frames, longTasks } = await figuresOf(tab);
  return {
    shift,
    interactionP98: percentile(interactions, 0.98),
    interactions: interactions.length,
    frameP95: percentile(frames, 0.95),
    longTasks: longTasks.length,
    longestTask: Math.max(0, ...longTasks),
    busyShare: usedS / (sum(frames) / 1000),
  };
}

async function pressIfThere(tab: Tab, name: string): Promise<void> {
  const button = tab.getByRole('button', { name });
  if (await button.isVisible()) await button.click();
}

// What a page does to its reader's eyes and hands: shifts of the layout, slow answers to a key, frames that come late.
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';

/** What happened in the page between two looks. Times in milliseconds. */
export interface Figures {
  /** Sum of the layout shifts; also those right after an input, which Chromium's own score forgives. */
  shift: number;
  shiftAfterInput: number;
  /** From each key or click to the next paint. */
  interactions: number[];
  /** Between one frame and the next. */
  frames: number[];
  longTasks: number[];
}

interface Recorder extends Figures {
  isOn: boolean;
}

/** From the next page that the tab opens. */
export async function measure(tab: Page): Promise<void> {
  await tab.addInitScript(record);
}

/** Forget what was before. */
export function startMeasuring(tab: Page): Promise<void> {
  return tab.evaluate(() => {
    const { figures } = window as unknown as { figures: Recorder };
    Object.assign(figures, {
      shift: 0,
      shiftAfterInput: 0,
      interactions: [],
      frames: [],
      longTasks: [],
      isOn: true,
    });
  });
}

export function figuresOf(tab: Page): Promise<Figures> {
  return tab.evaluate(() => {
    const { figures } = window as unknown as { figures: Recorder };
    return { ...figures, isOn: undefined };
  });
}

/** Gives, when asked, the processor time that the page's main thread has used since, in seconds. */
export async function processorTime(tab: Page): Promise<() => Promise<number>> {
  const session = await tab.context().newCDPSession(tab);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const used = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  };
  const before = await used();
  return async () => (await used()) - before;
}

/** Runs in the page. */
function record(): void {
  const figures = {
    shift: 0,
    shiftAfterInput: 0,
    interactions: [],
    frames: [],
    longTasks: [],
    isOn: false,
  } as Recorder;
  Object.assign(window, { figures });
  const watch = (type: string, see: (entry: PerformanceEntry) => void, options = {}) =>
    new PerformanceObserver((list) => {
      if (figures.isOn) for (const entry of list.getEntries()) see(entry);
    }).observe({ type, ...options });

  watch('longtask', ({ duration }) => figures.longTasks.push(duration));
  watch('layout-shift', (entry) => {
    const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (hadRecentInput) figures.shiftAfterInput += value;
    else figures.shift += value;
  });
  const seeEvent = (entry: PerformanceEntry) => {
    if ((entry as PerformanceEntry & { interactionId: number }).interactionId)
      figures.interactions.push(entry.duration);
  };
  watch('event', seeEvent, { durationThreshold: 16 });
  let last = performance.now();
  const frame = (now: number) => {
    if (figures.isOn) figures.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

export interface Fetched {
  path: string;
  gzipBytes: number;
  text: string;
}

/** The scripts that the browser has fetched since, packed as a server packs them. */
export function collectScripts(tab: Page): () => Promise<Fetched[]> {
  const seen: Response[] = [];
  tab.on('response', (response) => {
    if (new URL(response.url()).pathname.endsWith('.js')) seen.push(response);
  });
  return async () => Promise.all(seen.map(fetched));
}

async function fetched(response: Response): Promise<Fetched> {
  const body = await response.body();
  return { path: new URL(response.url()).pathname, gzipBytes: gzipSync(body).length, text: body.toString() };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Whether the machine is this run's alone, and its figures are to be kept. */
export const isBenchmark = Boolean(process.env.BENCHMARK);

const REPORT = `${import.meta.dirname}/../../docs/benchmarks/panel.md`;
const told: string[] = [];

/** Print figures; a benchmark keeps them in its report too. */
export async function tell(what: string, figures: Record<string, number>): Promise<void> {
  const load = loadavg()[0]?.toFixed(2);
  const words = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value * 1000) / 1000}`);
  told.push(`| ${what} | ${words.join(', ')} | ${load} |`);
  process.stdout.write(`  ${what}: ${words.join(', ')} (load ${load})\n`);
  if (isBenchmark) await writeFile(REPORT, report());
}

const report = () => `# The panel

\`make bench-panel\` on ${cpus().length} cores (${cpus()[0]?.model}), Node ${process.version}, headless Chromium; the whole
platform shares the machine. While an answer streams somebody types, presses and scrolls without a pause: from a key
to the next paint at most 100 ms (98th percentile), a frame at most 34 ms after the last (95th), at most 60 % of a
core for the main thread; a run that misses is repeated, three in all. Script, gzipped: at most 200 KB before the
first page.

| what | figures (milliseconds) | load |
| --- | --- | --- |
${told.join('\n')}
`;

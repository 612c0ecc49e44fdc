// The platform as tests meet it: `bytchat up` in a home of its own, and the built panel in front of it.
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts, type Running, run, waitUntil } from './process.ts';

const PANEL = resolve(import.meta.dirname, '..');
const PROJECT = resolve(PANEL, '..');
const VITE = join(PANEL, 'node_modules', 'vite', 'bin', 'vite.js');

export interface Platform {
  apiUrl: string;
  panelUrl: string;
  /** An origin that the API lets in as well; nobody listens there until a test does. */
  otherPanelUrl: string;
  stop: () => Promise<void>;
}

/** One that runs already: PANEL_URL says where, and API_URL where its API is if not behind the panel. */
export async function findPlatform(panelAddress: string): Promise<Platform> {
  const panelUrl = new URL(panelAddress).origin;
  const apiUrl = (process.env.API_URL || `${panelUrl}/api`).replace(/\/$/, '');
  for (const address of [panelUrl, `${apiUrl}/health/ready`]) {
    const { ok } = await fetch(address).catch(() => ({ ok: false }));
    if (!ok) throw new Error(`Nothing that could be tested answers at ${address}.`);
  }
  return { apiUrl, panelUrl, otherPanelUrl: '', stop: async () => {} };
}

/** Everything running, on free ports and without data. `settings` are variables of the platform. */
export async function startPlatform(settings: Record<string, string> = {}): Promise<Platform> {
  const [apiPort, panelPort, otherPort] = (await freePorts(3)).map(String) as [string, string, string];
  const [apiUrl, panelUrl, otherPanelUrl] = [url(apiPort), url(panelPort), url(otherPort)];
  const home = await makeHome();
  const ports = { API_PORT: apiPort, PANEL_PORT: panelPort, CORS_ORIGINS: otherPanelUrl };
  const up = startUp(home, { ...ports, ...settings });
  const started: Running[] = [up];
  const stop = async () => {
    for (const running of started.reverse()) await running.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await untilAnswers(`${apiUrl}/health/ready`, up);
    await waitUntil(() => up.said().includes(apiUrl), { withinMs: 30_000, what: 'the welcome of bytchat up' });
    if (!up.said().includes(panelUrl)) started.push(startPanel({ port: panelPort, apiUrl }));
    await untilAnswers(panelUrl, started.at(-1) ?? up);
  } catch (error) {
    await stop();
    throw error;
  }
  return { apiUrl, panelUrl, otherPanelUrl, stop };
}

const url = (port: string) => `http://127.0.0.1:${port}`;

const HOME = 'bytchat-e2e-';

/** PostgreSQL runs as a system user where we are root, so all may enter. */
async function makeHome(): Promise<string> {
  await removeOrphans();
  const home = await mkdtemp(join(tmpdir(), `${HOME}${process.pid}-`));
  await chmod(home, process.getuid?.() === 0 ? 0o755 : 0o700);
  return home;
}

/** The homes of runs that were interrupted. */
async function removeOrphans(): Promise<void> {
  const homes = (await readdir(tmpdir())).filter((name) => name.startsWith(HOME));
  const orphans = homes.filter((name) => !isAlive(Number.parseInt(name.slice(HOME.length), 10)));
  await Promise.all(orphans.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function startUp(home: string, settings: Record<string, string>): Running {
  const env = {
    BYTCHAT_HOME: home,
    SCRIPTED_MODELS: 'true',
    REGISTRATION: 'open',
    CHATS_PER_MINUTE: '0',
    LIVE_STREAMS_PER_OWNER: '0',
    REGISTRATIONS_PER_HOUR: '0',
    // What the person who runs the tests has set up is not what is tested.
    ...Object.fromEntries(OF_THE_PERSON.map((name) => [name, ''])),
    ...settings,
  };
  // From its home: there is no `.env` there.
  return run({ file: join(PROJECT, '.venv', 'bin', 'bytchat'), args: ['up'], cwd: home, env });
}

const OF_THE_PERSON = ['DATABASE_URL', 'REDIS_URL', 'OPENAI_API_KEY', 'GOOGLE_API_KEY', 'LOCAL_BASE_URL'];

/** The built panel in `vite preview`, with the headers of a release. */
export function startPanel({ port, apiUrl, bundle = 'dist', env = {} }: PanelOptions): Running {
  const args = [VITE, 'preview', '--outDir', bundle, '--host', '127.0.0.1', '--port', port, '--strictPort'];
  return run({ file: process.execPath, args, cwd: PANEL, env: { API_TARGET: apiUrl, PANEL_PORT: port, ...env } });
}

interface PanelOptions {
  port: string;
  apiUrl: string;
  /** The folder of the built files. */
  bundle?: string;
  env?: Record<string, string>;
}

/** Build the panel into `bundle`. */
export async function buildPanel(bundle = 'dist', env: Record<string, string> = {}): Promise<void> {
  const args = [VITE, 'build', '--outDir', bundle, '--emptyOutDir', '--logLevel', 'warn'];
  const building = run({ file: process.execPath, args, cwd: PANEL, env: { NODE_ENV: 'production', ...env } });
  await waitUntil(() => !building.isRunning(), { withinMs: 180_000, what: 'vite build' });
  if (!(await isThere(resolve(PANEL, bundle, 'index.html')))) throw new Error(building.said());
}

/** Build `dist` where a source is newer than it. */
export async function buildPanelOnce(): Promise<void> {
  const built = await changedAt(join(PANEL, 'dist', 'index.html'));
  const sources = ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json'];
  const newest = Math.max(...(await Promise.all(sources.map((source) => newestIn(join(PANEL, source))))));
  if (newest > built) await buildPanel();
}

async function newestIn(path: string): Promise<number> {
  const own = await changedAt(path);
  const entries = await readdir(path, { recursive: true }).catch(() => []);
  return Math.max(own, ...(await Promise.all(entries.map((entry) => changedAt(join(path, entry))))));
}

const changedAt = async (path: string) => (await stat(path).catch(() => null))?.mtimeMs ?? 0;
const isThere = async (path: string) => (await changedAt(path)) > 0;

async function untilAnswers(address: string, running: Running): Promise<void> {
  const isReady = async () => {
    if (!running.isRunning()) throw new Error(`It ended before ${address} answered:\n${running.said()}`);
    return fetch(address).then(
      (answer) => answer.ok,
      () => false,
    );
  };
  await waitUntil(isReady, { withinMs: 90_000, what: address }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${running.said().slice(-4000)}`);
  });
}

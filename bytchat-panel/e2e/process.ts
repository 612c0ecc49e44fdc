// Child processes of the tests: what they say is kept, and they are gone when they are stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface Running {
  /** All that it has written. */
  said: () => string;
  /** Whether it still runs. */
  isRunning: () => boolean;
  /** End it as an operator does, and wait for it. */
  stop: () => Promise<void>;
}

export interface Command {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

const STOPS_WITHIN_MS = 45_000;

export function run({ file, args, cwd, env }: Command): Running {
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const written: string[] = [];
  const keep = (bytes: Buffer) => written.push(bytes.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => written.push(String(error)));
  const endWithUs = () => child.kill('SIGTERM');
  process.once('exit', endWithUs);
  return {
    said: () => written.join(''),
    isRunning: () => isRunning(child),
    stop: async () => {
      process.removeListener('exit', endWithUs);
      await stop(child);
    },
  };
}

const isRunning = (child: ChildProcess) =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

async function stop(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
  await ended;
  clearTimeout(killing);
}

/** Look again and again until it is so. */
export async function waitUntil(
  isSo: () => boolean | Promise<boolean>,
  { withinMs, what }: { withinMs: number; what: string },
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not so within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Ports that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(servers.map(portOf));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  if (!server.listening) await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

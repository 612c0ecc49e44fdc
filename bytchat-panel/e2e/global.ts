// Before all tests: the panel is built and the platform runs, and after them nothing of it is left; or PANEL_URL names
// one that runs already, and keeps what the tests make there.
import type { TestProject } from 'vitest/node';
import { buildPanelOnce, findPlatform, type Platform, startPlatform } from './platform.ts';

declare module 'vitest' {
  interface ProvidedContext {
    apiUrl: string;
    panelUrl: string;
    otherPanelUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { PANEL_URL } = process.env;
  const platform = PANEL_URL ? await findPlatform(PANEL_URL) : await startOwn();
  project.provide('apiUrl', platform.apiUrl);
  project.provide('panelUrl', platform.panelUrl);
  project.provide('otherPanelUrl', platform.otherPanelUrl);
  return platform.stop;
}

async function startOwn(): Promise<Platform> {
  await buildPanelOnce();
  return startPlatform();
}

// Before all tests: the panel is built and the platform runs. After them nothing of it is left.
import type { TestProject } from 'vitest/node';
import { buildPanelOnce, startPlatform } from './platform.ts';

declare module 'vitest' {
  interface ProvidedContext {
    apiUrl: string;
    panelUrl: string;
    otherPanelUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildPanelOnce();
  const platform = await startPlatform();
  project.provide('apiUrl', platform.apiUrl);
  project.provide('panelUrl', platform.panelUrl);
  project.provide('otherPanelUrl', platform.otherPanelUrl);
  return platform.stop;
}

// End to end: the real platform, the built panel behind its strict policy, a real browser.
import { defineConfig } from 'vitest/config';
import { findChromium } from './chromium.ts';

const chromium = findChromium();
if (!chromium) {
  process.stdout.write('No Chromium: e2e is skipped. Install one, or set CHROMIUM_PATH. · Falta Chromium.\n');
}

export default defineConfig({
  root: import.meta.dirname,
  resolve: { alias: { '@': `${import.meta.dirname}/../src` } },
  test: {
    environment: 'node',
    include: ['**/*.test.ts'],
    exclude: chromium ? [] : ['**'],
    passWithNoTests: !chromium,
    globalSetup: chromium ? ['./global.ts'] : [],
    fileParallelism: false,
    // The services are shared, and so is what the first failure says.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
  },
});

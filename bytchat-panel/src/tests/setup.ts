// Before every test file: the language, the API's stand-in, and what jsdom lacks.
import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { startI18n } from '@/i18n';
import { usePreferences } from '@/store/preferences';
import { useToasts } from '@/store/toasts';
import { addWhatJsdomLacks } from './jsdom';
import { API, server } from './server';

addWhatJsdomLacks();
// The first page that a file opens is compiled on the way.
configure({ asyncUtilTimeout: 5_000 });
// Node's fetch knows no page to which an address could be relative.
vi.stubEnv('VITE_API_URL', API);

beforeAll(async () => {
  server.listen({ onUnhandledRequest: 'error' });
  usePreferences.setState({ language: 'es' });
  await startI18n();
});

afterEach(() => {
  cleanup();
  server.resetHandlers();
  usePreferences.setState({ language: 'es', theme: 'system' });
  useToasts.setState({ toasts: [] });
  localStorage.clear();
});

afterAll(() => server.close());

import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { loadEnv, type Plugin, type ProxyOptions } from 'vite';
import { defineConfig } from 'vitest/config';
import { securityHeaders } from './security.ts';

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, process.cwd(), ['API_', 'PANEL_', 'VITE_']);
  const api: ProxyOptions = {
    target: env.API_TARGET || `http://127.0.0.1:${env.API_PORT || 8000}`,
    rewrite: (path) => path.replace(/^\/api/, ''),
    // So that the API's limits count the visitor's address and not this server's.
    xfwd: true,
    configure: (proxy) => {
      proxy.on('proxyRes', cutWithTheApi);
      // Before Vite's own, which would end the answer as if it were whole.
      proxy.on('error', (_, __, answer) => {
        if ('headersSent' in answer && answer.headersSent) answer.destroy();
      });
    },
  };
  const server = {
    port: Number(env.PANEL_PORT || 5173),
    // The API is the one that says who may read it from elsewhere.
    cors: false,
    proxy: { '/api': api },
  };
  return {
    plugins: [
      react(),
      tailwindcss(),
      headersOnEveryAnswer(securityHeaders(env.VITE_API_URL ?? '')),
      missingAssets(),
    ],
    resolve: { alias: { '@': `${import.meta.dirname}/src` } },
    // The sample handbooks lie beside the panel's folder.
    server: { ...server, fs: { allow: ['..'] } },
    // Any host name may lead here: what the panel keeps belongs to its origin, which a name of another's is not.
    preview: { ...server, strictPort: true, allowedHosts: true as const },
    // Nothing is inlined: the content security policy wants files.
    build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 700, manifest: true },
    test: {
      environment: 'jsdom',
      include: ['src/**/*.test.{ts,tsx}'],
      setupFiles: ['src/tests/setup.ts'],
      restoreMocks: true,
      testTimeout: 20_000,
      css: false,
    },
  };
});

/** An answer that breaks off is cut here too: the panel would wait for the rest for ever. */
function cutWithTheApi(fromApi: IncomingMessage, _: IncomingMessage, answer: ServerResponse): void {
  fromApi.on('close', () => {
    if (!fromApi.complete) answer.destroy();
  });
}

/** `preview.headers` leaves out errors and what is proxied; the API's own headers go before these. */
function headersOnEveryAnswer(headers: Record<string, string>): Plugin {
  return {
    name: 'bytchat:headers',
    configurePreviewServer({ httpServer }) {
      httpServer.prependListener('request', (_, answer) => {
        for (const [name, value] of Object.entries(headers)) answer.setHeader(name, value);
      });
    },
  };
}

/** A file of an older release is a 404, and not the page: a tab that was open then can tell and load anew. */
function missingAssets(): Plugin {
  return {
    name: 'bytchat:missing-assets',
    configurePreviewServer({ config, middlewares }) {
      const assets = resolve(config.root, config.build.outDir, 'assets');
      middlewares.use('/assets', (asked, answer, next) => {
        const [path] = (asked.url ?? '/').split('?', 1);
        if (existsSync(resolve(assets, `.${path}`))) return next();
        answer.statusCode = 404;
        answer.end();
      });
    },
  };
}

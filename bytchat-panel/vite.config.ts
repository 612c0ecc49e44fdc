import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';
import { securityHeaders } from './security.ts';

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, process.cwd(), ['API_', 'PANEL_', 'VITE_']);
  const server = {
    port: Number(env.PANEL_PORT || 5173),
    strictPort: true,
    proxy: {
      '/api': {
        target: env.API_TARGET || `http://127.0.0.1:${env.API_PORT || 8000}`,
        rewrite: (path: string) => path.replace(/^\/api/, ''),
      },
    },
  };
  return {
    plugins: [react(), tailwindcss()],
    resolve: { alias: { '@': `${import.meta.dirname}/src` } },
    // The sample handbook lies beside the panel's folder.
    server: { ...server, fs: { allow: ['..'] } },
    preview: { ...server, headers: securityHeaders(env.VITE_API_URL ?? '') },
    // Nothing is inlined: the content security policy wants files.
    build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 700, manifest: true },
    test: {
      environment: 'jsdom',
      include: ['src/**/*.test.{ts,tsx}'],
      setupFiles: ['src/tests/setup.ts'],
      restoreMocks: true,
      css: false,
    },
  };
});

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page is built into dist/page, from where the server serves it at `/`. */
export default defineConfig({
  root: here('.'),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { outDir: here('../../dist/page'), emptyOutDir: true, target: 'es2022' },
  server: {
    proxy: {
      '/v1': { target: 'http://localhost:8080', ws: true },
    },
  },
});

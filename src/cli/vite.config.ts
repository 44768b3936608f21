import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The program in one file: what node has to find and parse at start is half of its start-up time.
 * TypeBox goes in with it, of which a twentieth is used; other packages stay where npm put them.
 */
export default defineConfig({
  root: here('.'),
  build: {
    ssr: here('main.ts'),
    outDir: here('../../dist/bin'),
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    rolldownOptions: { output: { entryFileNames: 'tickwell.js', codeSplitting: false } },
  },
  ssr: { noExternal: ['typebox'] },
});

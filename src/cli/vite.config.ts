import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The program in a few files, each command's own loaded when it is run: what node has to find and
 * parse at start is half of its start-up time. TypeBox goes in with it, of which a twentieth is used;
 * other packages stay where npm put them.
 */
export default defineConfig({
  root: here('.'),
  build: {
    ssr: true,
    outDir: here('../../dist/bin'),
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    rolldownOptions: {
      input: {
        tickwell: here('main.ts'),
        'candle-thread': here('../host/candles/candle-thread.ts'),
        'statistics-thread': here('../host/statistics/statistics-thread.ts'),
      },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        // Names stay, for stack traces: only blanks and comments go, a third of it.
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
      },
    },
  },
  ssr: { noExternal: ['typebox'] },
});

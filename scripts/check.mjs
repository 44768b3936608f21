/** Everything that can be found wrong without running it: types, layers, style, unused, packaging. */
import { install, main, tool } from './lib.mjs';

await main(async () => {
  await install();
  await tool('tsc', ['-b']);
  await tool('biome', ['check', '.']);
  await tool('knip', []);
  await tool('vite', ['build', '--config', 'src/cli/vite.config.ts', '--logLevel', 'warn']);
  await tool('publint', ['--strict']);
});

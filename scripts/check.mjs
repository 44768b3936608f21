/** Everything that can be found wrong without running it: types, layers, style, unused, packaging. */
import { findProgram } from './browser.mjs';
import { install, main, run, tool } from './lib.mjs';

await main(async () => {
  await install();
  await tool('tsc', ['-b']);
  await tool('biome', ['check', '.']);
  await tool('knip', []);
  await tool('vite', ['build', '--config', 'src/cli/vite.config.ts', '--logLevel', 'warn']);
  await tool('publint', ['--strict']);
  const shellcheck = findProgram(['shellcheck']);
  if (shellcheck === undefined) console.log('shellcheck is not here: shell scripts are left out.');
  else await run(shellcheck, ['deploy/deploy.sh', 'deploy/exchange.sh', '.ci/run']);
});

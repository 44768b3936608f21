/** Serves from sources: the page on http://localhost:5173, the server behind it; both follow edits. */
import { spawn } from 'node:child_process';
import { build } from './build.mjs';
import { install, main, ROOT } from './lib.mjs';

await main(async () => {
  await install();
  await build();
  const bin = `${ROOT}/node_modules/.bin`;
  const config = (/** @type {string} */ part) => ['--config', `src/${part}/vite.config.ts`];
  const children = [
    spawn(`${bin}/vite`, ['build', '--watch', '--logLevel', 'warn', ...config('cli')], options()),
    spawn(
      process.execPath,
      ['--watch', 'dist/bin/tickwell.js', 'serve', ...process.argv.slice(2)],
      options(),
    ),
    spawn(`${bin}/vite`, config('page'), options()),
  ];
  const end = () => {
    for (const child of children) child.kill();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  // One without the others is of no use.
  for (const child of children) child.on('exit', end);
});

/** @returns {import('node:child_process').SpawnOptions} */
function options() {
  return { cwd: ROOT, stdio: 'inherit' };
}

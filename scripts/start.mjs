/** Installs and builds what is missing, then serves: `npm start -- --port 9000` passes options on. */
import { buildIfOld } from './build.mjs';
import { install, main, ROOT } from './lib.mjs';

await main(async () => {
  await install();
  await buildIfOld();
  endWithParent();
  // In this process, so that signals and the exit code need no passing on.
  const program = `${ROOT}/dist/bin/tickwell.js`;
  process.argv.splice(1, 1, program);
  await import(program);
});

/**
 * Between npm and this process stands a shell that a signal to npm ends, but that passes none on:
 * when it is gone, this process has to go too.
 */
function endWithParent() {
  const parent = process.ppid;
  const watch = () => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  };
  setInterval(watch, 250).unref();
}

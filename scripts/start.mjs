/** Installs and builds what is missing, then serves: `npm start -- --port 9000` passes options on. */
import { buildIfOld } from './build.mjs';
import { install, main, ROOT } from './lib.mjs';

await main(async () => {
  await install();
  await buildIfOld();
  // In this process, so that signals and the exit code need no passing on.
  const program = `${ROOT}/dist/bin/tickwell.js`;
  process.argv.splice(1, 1, program);
  await import(program);
});

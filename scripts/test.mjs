/** Installs and builds what is missing, finds a Chromium, then runs the tests: `npm test -- test/core`. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { buildIfOld } from './build.mjs';
import { install, main, run, tool } from './lib.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const HELP =
  'The browser tests need a Chromium: install one, or name it in CHROME_PATH. ' +
  'On Debian: apt-get install --no-install-recommends chromium. Elsewhere: npx playwright-core install chromium.';

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A Chromium that is already on this machine. */
async function findChromium() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) if (isProgram(join(folder, name))) return join(folder, name);
  }
  const { chromium } = await import('playwright-core');
  const own = chromium.executablePath();
  return isProgram(own) ? own : undefined;
}

/** Whether this is a Debian on which we may install packages. */
function mayInstall() {
  return process.getuid?.() === 0 && isProgram('/usr/bin/apt-get');
}

async function chromium() {
  const found = await findChromium();
  if (found !== undefined) return found;
  if (mayInstall()) {
    console.log('Installing Chromium, once ...');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], env);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], env);
    const installed = await findChromium();
    if (installed !== undefined) return installed;
  }
  if (process.env.CI) throw new Error(HELP);
  console.warn(`${HELP}\nThey are left out now.`);
  return undefined;
}

await main(async () => {
  await install();
  await buildIfOld();
  const path = await chromium();
  if (path !== undefined) {
    const { status } = spawnSync(path, ['--version'], { stdio: 'ignore' });
    if (status !== 0) throw new Error(`CHROME_PATH must be a Chromium that runs; given: ${path}`);
    process.env.CHROME_PATH = path;
  }
  const args = process.argv.slice(2);
  if (path === undefined) args.push('--exclude', 'test/browser/**');
  await tool('vitest', ['run', ...args]);
});

/**
 * Runs the tests, or those that are named: `npm test -- test/core`. Installs what is missing; builds
 * and looks for a Chromium, a nats-server and a redis-server where one of them needs that. With
 * `--fast`, which `npm run test:fast` is, the unit tests alone, of what is installed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findChromium, isProgram, NO_CHROMIUM } from './browser.mjs';
import { buildIfOld } from './build.mjs';
import { install, main, ROOT, run, tool } from './lib.mjs';
import { findNatsServer, NO_NATS_SERVER, unpackNatsServer } from './nats-server.mjs';
import { CLIENTS, fastArgs, needsOf, OF_NATS, OF_REDIS, testFiles } from './needs.mjs';
import { findRedisServer, NO_REDIS_SERVER } from './redis-server.mjs';

/** Whether this is a Debian on which we may install packages. */
function mayInstall() {
  return process.getuid?.() === 0 && isProgram('/usr/bin/apt-get');
}

/** Has Debian's APT install the first of these packages that it has. */
async function installFirst(...names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], env);
  const get = (name) =>
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], env);
  const [first, ...others] = names;
  await others.reduce((tried, name) => tried.catch(() => get(name)), get(first));
}

async function chromium() {
  const found = await findChromium();
  if (found !== undefined) return found;
  if (mayInstall()) {
    console.log('Installing Chromium, once ...');
    // Older Debians have no shell.
    await installFirst('chromium-headless-shell', 'chromium');
    const installed = await findChromium();
    if (installed !== undefined) return installed;
  }
  if (process.env.CI) throw new Error(NO_CHROMIUM);
  console.warn(`${NO_CHROMIUM}\nThe browser tests are left out now.`);
  return undefined;
}

/** The path of a redis-server; undefined without. */
async function redisServer() {
  const found = findRedisServer();
  if (found !== undefined) return found;
  if (mayInstall()) {
    console.log('Installing a redis-server, once ...');
    await installFirst('redis-server');
    const installed = findRedisServer();
    if (installed !== undefined) return installed;
  }
  if (process.env.CI) throw new Error(NO_REDIS_SERVER);
  console.warn(`${NO_REDIS_SERVER}\nThe tests that need one are left out now.`);
  return undefined;
}

/** The path of a nats-server, which is unpacked once where this is a Debian; undefined without. */
function natsServer() {
  const found = findNatsServer();
  if (found !== undefined) return found;
  if (mayInstall()) {
    console.log('Unpacking a nats-server, once ...');
    const unpacked = unpackNatsServer();
    if (unpacked !== undefined) return unpacked;
  }
  if (process.env.CI) throw new Error(NO_NATS_SERVER);
  console.warn(`${NO_NATS_SERVER}\nThe tests that need one are left out now.`);
  return undefined;
}

await main(async () => {
  const args = process.argv.slice(2);
  if (args[0] === '--fast') {
    await tool('vitest', ['run', ...fastArgs(args.slice(1))]);
    return;
  }
  await install();
  const needs = needsOf(testFiles(args));
  // Some of them have scripts of their own, which their programs do without.
  if (needs.clients) await install(join(ROOT, CLIENTS), ['--ignore-scripts']);
  if (needs.build) await buildIfOld();
  const path = needs.browser ? await chromium() : undefined;
  if (path !== undefined) {
    const { status } = spawnSync(path, ['--version'], { stdio: 'ignore' });
    if (status !== 0) throw new Error(`CHROME_PATH must be a Chromium that runs; given: ${path}`);
    process.env.CHROME_PATH = path;
  }
  if (needs.browser && path === undefined) args.push('--exclude', 'test/browser/**');
  const broker = needs.nats ? natsServer() : undefined;
  if (broker !== undefined) process.env.NATS_SERVER = broker;
  else if (needs.nats) args.push('--exclude', `${OF_NATS}/**`);
  const redis = needs.redis ? await redisServer() : undefined;
  if (redis !== undefined) process.env.REDIS_SERVER = redis;
  else if (needs.redis) args.push('--exclude', `${OF_REDIS}/**`);
  await tool('vitest', ['run', ...args]);
});

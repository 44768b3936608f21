/** A nats-server that is already on this machine, or Debian's, unpacked beside it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findProgram, isProgram } from './browser.mjs';
import { main } from './lib.mjs';

/** Older ones lose what they acknowledged; `src/cluster/nats-version.ts` says the same. */
const LEAST = [2, 10, 23];
/** The Debian whose nats-server is new enough, and runs on the one before too. */
const SUITE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** `npm ci` leaves it as it is. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tickwell/nats');
const UNPACKED = join(CACHE, SUITE, 'usr/sbin/nats-server');

/** What to do where there is none. */
export const NO_NATS_SERVER =
  `There is no nats-server of ${LEAST.join('.')} or newer: install one, or name it in NATS_SERVER. ` +
  'On Debian: node scripts/nats-server.mjs.';

/**
 * Whether a nats-server keeps what it acknowledges, by what it says of itself.
 * @param {string} file
 */
function isNew(file) {
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const found = /v(\d+)\.(\d+)\.(\d+)/
    .exec(stdout ?? '')
    ?.slice(1)
    .map(Number);
  if (found === undefined) return false;
  const differs = LEAST.findIndex((part, n) => part !== found[n]);
  return differs < 0 || found[differs] > LEAST[differs];
}

/** Its path: NATS_SERVER, else on PATH, else what was unpacked; undefined if there is none. */
export function findNatsServer() {
  if (process.env.NATS_SERVER) return process.env.NATS_SERVER;
  const onPath = findProgram(['nats-server']);
  if (onPath !== undefined && isNew(onPath)) return onPath;
  return isProgram(UNPACKED) ? UNPACKED : undefined;
}

/**
 * Unpacks Debian's, as APT has checked it, into a folder of its own; gives its path, or undefined
 * where that cannot be. Nothing is installed, and nothing of this needs root.
 */
export function unpackNatsServer() {
  const mirror = mirrorOf(said('apt-get', ['indextargets', '--format', '$(REPO_URI)']));
  if (mirror === undefined || !existsSync(KEYRING)) return undefined;
  const work = join(CACHE, `apt-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial', 'root']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  const list = join(work, 'sources.list');
  writeFileSync(list, `deb [signed-by=${KEYRING}] ${mirror} ${SUITE} main\n`);
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache::archives=${join(work, 'archives')}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    // Its own user may not read a home.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  said('apt-get', [...options, 'update', '-qq']);
  said('apt-get', [...options, 'download', '-qq', `nats-server/${SUITE}`], work);
  const packed = readdirSync(work).find((name) => name.endsWith('.deb'));
  if (packed === undefined) return undefined;
  said('dpkg', ['-x', join(work, packed), join(work, 'root')]);
  rmSync(join(CACHE, SUITE), { recursive: true, force: true });
  renameSync(join(work, 'root'), join(CACHE, SUITE));
  rmSync(work, { recursive: true, force: true });
  return isProgram(UNPACKED) ? UNPACKED : undefined;
}

/**
 * Debian's archive, of what APT reads; that of its security has no other releases.
 * @param {string} targets
 */
function mirrorOf(targets) {
  return targets.split('\n').find((uri) => /\/debian\/?$/.test(uri));
}

/**
 * What a program says; nothing, if it fails or is not there.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
function said(program, args, cwd) {
  return spawnSync(program, args, { cwd, encoding: 'utf8' }).stdout ?? '';
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    const path = findNatsServer() ?? unpackNatsServer();
    if (path === undefined) throw new Error(NO_NATS_SERVER);
    console.log(path);
  });
}

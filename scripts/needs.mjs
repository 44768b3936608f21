/** What tests need beside the packages: what is built, a browser, a broker, clients of others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { ROOT } from './lib.mjs';

/**
 * The files of tests that are run with `args`: those whose path holds one of them, as Vitest has it.
 * All, if an argument is no path below test/: it may be the value of an option.
 * @param {readonly string[]} args
 */
export function testFiles(args) {
  const all = readdirSync(`${ROOT}/test`, { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts') && !path.includes('/node_modules/'));
  const filters = args
    .filter((arg, n) => !arg.startsWith('-') && !isPattern(args, n))
    .map((arg) => posix.normalize(arg.replaceAll('\\', '/').replace(/:\d+$/, '')));
  const isPaths = filters.length > 0 && filters.every(isPath);
  return isPaths ? all.filter((path) => filters.some((filter) => path.includes(filter))) : all;
}

/**
 * Whether an argument is a part of the names of tests, whatever it looks like.
 * @param {readonly string[]} args
 * @param {number} n
 */
function isPattern(args, n) {
  return ['-t', '--testNamePattern'].includes(args[n - 1] ?? '');
}

/**
 * Whether an argument names files of tests.
 * @param {string} arg
 */
function isPath(arg) {
  return /^(?:\.\/)?test\b/.test(arg);
}

/**
 * What the fast tests leave to `npm test`: folders and files of tests of the whole, which are programs,
 * servers and their clients; and files that take 7 to 18 s of CPU each, for statistics of many million
 * rows or for steps that are counted one by one (2026-11-30).
 */
export const WHOLE = [
  'browser',
  'cli',
  'clients',
  'cluster/nats',
  'cluster/redis',
  'contract',
  ...['crash-boom', 'market-model', 'models', 'ou', 'range', 'regime'].map(
    (name) => `core/market/${name}.test.ts`,
  ),
  'core/realism/steps.test.ts',
  'core/timeline/lived.test.ts',
  'deploy',
  'examples',
  'faults',
  'fuzz',
  'golden',
  'package',
  'realism/pooled.test.ts',
  ...['foreign-time', 'lived', 'toy-protocol', 'toy-routes'].map(
    (name) => `server/${name}.test.ts`,
  ),
  'sim',
  'types',
  'workers',
];

/** The files of unit tests, which need nothing but their sources: all others. */
function unitTests() {
  return testFiles([]).filter((path) => !isOfWhole(path) && !needsOf([path]).build);
}

/**
 * Whether a file is one that the fast tests leave out, or lies in a folder that they do.
 * @param {string} path
 */
function isOfWhole(path) {
  return WHOLE.some((left) => path === `test/${left}` || path.startsWith(`test/${left}/`));
}

/**
 * What Vitest is given for the unit tests among those that `args` name; all of them, if none are.
 * It would run whatever any of its paths names, so that these stand for themselves.
 * @param {readonly string[]} args
 */
export function fastArgs(args) {
  const isNamed = args.map((arg, n) => isPath(arg) && !isPattern(args, n));
  const paths = args.filter((_, n) => isNamed[n]);
  const wanted = new Set(testFiles(paths));
  const files = unitTests().filter((path) => wanted.has(path));
  if (files.length === 0) throw new Error(`no unit test is named so; given: ${paths.join(' ')}`);
  return [...files, ...args.filter((_, n) => !isNamed[n])];
}

/** Where clients of other protocols, and runners of tests, are installed, for tests alone. */
export const CLIENTS = 'test/clients';

/** Tests of what goes through a nats-server. */
export const OF_NATS = 'test/cluster/nats';

/** And through a redis-server. */
export const OF_REDIS = 'test/cluster/redis';

/**
 * Whether any of `files` draws in a browser, talks to a nats-server or a redis-server, runs what is
 * installed for tests alone, uses what is built.
 * @param {readonly string[]} files
 */
export function needsOf(files) {
  const browser = files.some((path) => path.startsWith('test/browser/'));
  const nats = files.some((path) => path.startsWith(`${OF_NATS}/`));
  const redis = files.some((path) => path.startsWith(`${OF_REDIS}/`));
  const namesThem = (path) => readFileSync(join(ROOT, path), 'utf8').includes(`'${CLIENTS}'`);
  const clients = files.some((path) => path.startsWith(`${CLIENTS}/`) || namesThem(path));
  return { browser, nats, redis, clients, build: browser || usesBuilt(files) };
}

/** What is built, by its folder or as the package that is installed beside a program of its user. */
const BUILT = /(?<!ajv\/)\bdist\b|\bnode_modules\/tickwell\b/;

/**
 * Whether any of these files, or of those that they import from test/, uses what is built.
 * @param {readonly string[]} files
 */
function usesBuilt(files) {
  const seen = new Set(files);
  for (const file of seen) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    if (BUILT.test(text)) return true;
    for (const [, from] of text.matchAll(/from '(\.[^']+)'/g)) {
      const path = join(dirname(file), from);
      if (path.startsWith('test') && existsSync(join(ROOT, path))) seen.add(path);
    }
  }
  return false;
}

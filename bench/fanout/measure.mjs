/** One measurement of what readers cost: a server and its readers, each on its own core. */
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cpuMsOf } from '../lib.mjs';

/** The first rows find nothing compiled, and pings of their beginning are still on the way. */
const REST_MS = 12_000;
/** Of few readers nothing adds up. */
const SHORT_REST_MS = 5000;
const SPEC = JSON.stringify({ capacity: 1000 });
const MANY_CONNECTIONS = [
  'maxConnections=30000',
  'maxConnectionsPerAddress=30000',
  'spareConnections=30000',
];
const OPEN_BUDGET = [
  'workPerSecond=1000000000000',
  'workBurst=1000000000000',
  'maxAnswersPerAddress=30000',
];

const canPin = existsSync('/usr/bin/taskset') && cpus().length > 1;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What starts a program on one core. */
function pinned(core, called) {
  const [program, ...args] = called;
  return canPin ? ['taskset', ['-c', `${core}`, ...called]] : [program, args];
}

/** Where the compiled `epoll.c` is; undefined without a C compiler. */
export function epollProgram() {
  const folder = here('../../dist/bench/');
  const [program, source] = [`${folder}epoll`, here('epoll.c')];
  mkdirSync(folder, { recursive: true });
  const made = spawnSync('cc', ['-O2', '-Wall', '-Werror', '-o', program, source], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (made.error?.code === 'ENOENT') return undefined;
  if (made.status !== 0) throw new Error('epoll.c compiles');
  return program;
}

/** Kinds whose readers speak the protocol of Tickwell. */
const OWN = [
  ...['tickwell', 'one', 'idle', 'poll'],
  ...['ids', 'tens', 'orders', 'latest', 'two', 'binary', 'events', 'mix'],
  ...['books', 'ownbooks', 'trades', 'owntrades'],
  ...['oneids', 'candles', 'tenids', 'tencandles', 'tenscandles', 'everycandles'],
];
/** Kinds that are sent a message only so often, in seconds. */
const EVERY = { everycandles: 5 };

async function startServer(kind, workers) {
  const own = OWN.includes(kind);
  const limits = [...MANY_CONNECTIONS, ...OPEN_BUDGET].flatMap((limit) => ['--limit', limit]);
  // Without a cache no candles are made in the background: they are no cost of readers.
  const options = ['--capacity', '1000', '--cache-mb', '0', ...limits];
  const serve = ['serve', '--port', '0', '--host', '127.0.0.1', ...options];
  const program = [here('../../dist/bin/tickwell.js'), ...serve, '--workers', `${workers}`];
  const args = own ? program : [here('rivals.mjs'), kind, SPEC];
  const quiet = { ...process.env, TICKWELL_LOG_LEVEL: 'error' };
  const stdio = ['ignore', 'pipe', 'inherit'];
  const called = kind === 'epoll' ? [epollProgram()] : [process.execPath, ...args];
  // Several may have all cores there are.
  const [command, words] = workers > 1 ? [process.execPath, args] : pinned(0, called);
  const child = spawn(command, words, { stdio, env: quiet });
  const [line] = await once(child.stdout, 'data');
  const url = /http:\S+/.exec(String(line))[0];
  while (own && !(await fetch(`${url}/readyz`)).ok) await sleep(10);
  return { child, url };
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** The processes of a server: itself, and its workers. */
function processesOf(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return [pid, ...children.filter((text) => text !== '').map(Number)];
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

const rssKbOf = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/**
 * So many readers of a kind for so many seconds: CPU time of the server for each row and reader,
 * and of its busiest process alone; latency of the rows in milliseconds; memory for each reader.
 */
export async function measure(kind, clients, seconds, workers = 1) {
  const server = await startServer(kind, workers);
  await sleep(500);
  const pids = processesOf(server.child.pid);
  const rssKb = () => sum(pids.map(rssKbOf));
  const emptyKb = rssKb();
  const [command, ...args] = pinned(1, [process.execPath]).flat();
  const readers = fork(here('readers.mjs'), [kind, server.url, `${clients}`], {
    execPath: command,
    execArgv: args,
  });
  const next = async () => (await once(readers, 'message'))[0];
  try {
    const startMs = performance.now();
    await next();
    const openMs = performance.now() - startMs;
    await sleep(clients < 1000 ? SHORT_REST_MS : REST_MS);
    readers.send('measure');
    const before = pids.map(cpuMsOf);
    await sleep(seconds * 1000);
    const cpuMs = pids.map((pid, n) => cpuMsOf(pid) - before[n]);
    const fullKb = rssKb();
    readers.send('report');
    const { rows, failed, ...seen } = await next();
    const perRow = (ms) => (ms * 1000) / (clients * seconds);
    const wanted =
      kind === 'idle' ? 0 : (0.99 * clients * (seconds - 1)) / (EVERY[kind] ?? 1) - clients;
    if (rows < wanted || failed > 0) {
      process.stderr.write(`  only ${rows} rows came, ${failed} connections were lost\n`);
    }
    return {
      ...{ kind, clients, workers, openMs, rows, failed, ...seen },
      usPerRow: perRow(sum(cpuMs)),
      usPerRowOfBusiest: perRow(Math.max(...cpuMs)),
      kbPerClient: (fullKb - emptyKb) / clients,
    };
  } finally {
    readers.disconnect();
    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
  }
}

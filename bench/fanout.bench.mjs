/**
 * What a reader costs: the same rows to 1,000, 5,000 and 10,000 connections, all due at once, by
 * Tickwell and by other means. Server and readers are processes of their own, each on its core.
 * Rounds are interleaved, so that what disturbs one disturbs all; costs are CPU time, which tells
 * more on a shared machine than time does.
 *
 *     BENCH_CLIENTS=1000,5000 BENCH_ROUNDS=3 BENCH_SECONDS=5 BENCH_KINDS=bare,tickwell
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median, saveJson, table } from './lib.mjs';

const listOf = (name, usual) => (process.env[name] ?? usual).split(',');
const CLIENTS = listOf('BENCH_CLIENTS', '1000,5000,10000').map(Number);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const KINDS = listOf('BENCH_KINDS', 'bare,tickwell,one,ws,socketio,poll');
/** The first rows find nothing compiled, and pings of their beginning are still on the way. */
const REST_MS = 12_000;
/** The readers of these are answered one by one: more would only wait. */
const MOST = { poll: 1000 };

const TITLES = {
  bare: 'bare net.Socket.write',
  tickwell: 'Tickwell, 100 instruments',
  one: 'Tickwell, one of them',
  ws: 'ws, JSON.stringify and send for each',
  socketio: 'socket.io',
  poll: 'asking every 500 ms over HTTP',
};
const SPEC = JSON.stringify({ capacity: 1000 });
const OPEN_DOORS = [
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

/** What starts a process of node on one core. */
function pinned(core, args) {
  return canPin
    ? ['taskset', ['-c', `${core}`, process.execPath, ...args]]
    : [process.execPath, args];
}

async function startServer(kind) {
  const own = ['tickwell', 'one', 'poll'].includes(kind);
  const limits = [...OPEN_DOORS, ...OPEN_BUDGET].flatMap((limit) => ['--limit', limit]);
  const serve = ['serve', '--port', '0', '--host', '127.0.0.1', '--capacity', '1000', ...limits];
  const args = own
    ? [here('../dist/bin/tickwell.js'), ...serve]
    : [here('fanout/rivals.mjs'), kind, SPEC];
  const child = spawn(...pinned(0, args), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const url = /http:\S+/.exec(String(line))[0];
  while (own && !(await fetch(`${url}/readyz`)).ok) await sleep(10);
  return { child, url };
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** CPU time of all threads of a process, in milliseconds. */
function cpuMsOf(pid) {
  const tasks = `/proc/${pid}/task`;
  const ns = readdirSync(tasks).map((task) => {
    return Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
  });
  return ns.reduce((sum, each) => sum + each, 0) / 1e6;
}

const rssKbOf = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

async function measure(kind, clients) {
  const server = await startServer(kind);
  await sleep(500);
  const emptyKb = rssKbOf(server.child.pid);
  const [command, args] = pinned(1, []);
  const readers = fork(here('fanout/readers.mjs'), [kind, server.url, `${clients}`], {
    execPath: command,
    execArgv: args,
  });
  const next = async () => (await once(readers, 'message'))[0];
  try {
    const startMs = performance.now();
    await next();
    const openMs = performance.now() - startMs;
    await sleep(REST_MS);
    readers.send('measure');
    const before = cpuMsOf(server.child.pid);
    await sleep(SECONDS * 1000);
    const cpuMs = cpuMsOf(server.child.pid) - before;
    const fullKb = rssKbOf(server.child.pid);
    readers.send('report');
    const { rows, failed, ...seen } = await next();
    return {
      ...{ kind, clients, openMs, rows, failed, ...seen },
      usPerRow: (cpuMs * 1000) / (clients * SECONDS),
      kbPerClient: (fullKb - emptyKb) / clients,
    };
  } finally {
    readers.disconnect();
    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
  }
}

const results = [];
for (const clients of CLIENTS) {
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of KINDS) {
      if (clients > (MOST[kind] ?? Number.POSITIVE_INFINITY)) continue;
      const result = await measure(kind, clients);
      results.push({ round, ...result });
      process.stderr.write(`${clients} ${kind}: ${result.usPerRow.toFixed(2)} us a row\n`);
      const wanted = 0.99 * clients * (SECONDS - 1);
      if (result.rows < wanted || result.failed > 0) {
        process.stderr.write(`  only ${result.rows} rows came, ${result.failed} were lost\n`);
      }
    }
  }
}

const of = (kind, clients, name) => {
  const found = results.filter((each) => each.kind === kind && each.clients === clients);
  return median(found.map((each) => each[name]));
};
const lines = CLIENTS.flatMap((clients) =>
  KINDS.filter((kind) => clients <= (MOST[kind] ?? Number.POSITIVE_INFINITY)).map((kind) => {
    const cost = of(kind, clients, 'usPerRow');
    return [
      TITLES[kind],
      `${clients}`,
      cost.toFixed(2),
      KINDS.includes('bare') ? (cost / of('bare', clients, 'usPerRow')).toFixed(2) : '',
      ...['p50', 'p99', 'p999'].map((name) => of(kind, clients, name).toFixed(1)),
      of(kind, clients, 'kbPerClient').toFixed(1),
    ];
  }),
);
console.log(
  table(
    ['fan-out', 'readers', 'us a row', 'x bare', 'p50 ms', 'p99 ms', 'p99.9 ms', 'KB each'],
    lines,
  ),
);
saveJson('fanout', { seconds: SECONDS, rounds: ROUNDS, results });

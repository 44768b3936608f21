/**
 * What readers who asked for faults cost those beside them, and the server.
 */
import { loadavg } from 'node:os';
import { withServer } from '../scripts/server.mjs';
import { NEVER, pathOf, withNeighbours } from './faulty/with-neighbours.mjs';
import { follow } from './follow.mjs';
import { cpuMsOf, keep, median, report } from './lib.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const TURNS = Number(process.env.BENCH_TURNS ?? 5);
const NEIGHBOURS = 500;
const HEALTHY = 20;
const REST_MS = 2000;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const at = (sorted, part) => sorted[Math.floor(part * (sorted.length - 1))];

/** How late rows were for each healthy reader, sorted, and what the server took: milliseconds. */
async function measured(readers, pid) {
  await sleep(REST_MS);
  for (const seen of readers) seen.length = 0;
  const before = cpuMsOf(pid);
  await sleep(SECONDS * 1000);
  const cpuMs = cpuMsOf(pid) - before;
  const lateMs = Float64Array.from(readers.flatMap((seen) => [...seen])).sort();
  return { p50: at(lateMs, 0.5), p99: at(lateMs, 0.99), cpuMs };
}

const ALL = [
  'drop@1%,duplicate@1%,reorder@1%,delay:200ms-2s@1%,burst:1s@0.5%,stall:1s-4s@0.5%',
  'corrupt@0.2%,stale@0.2%,skew:1s@0.5%,garbage@0.5%',
].join(',');
const NEIGHBOURS_OF = {
  healthy: '/v1/stream',
  'never struck': pathOf(NEVER),
  faulty: pathOf(ALL),
};
const INTERVAL_MS = 100;
const args = [
  ...['--count', '100', '--interval', `${INTERVAL_MS}ms`],
  ...['--limit', 'workBurst=100000000000000'],
];

await withServer(args, async ({ url, child }) => {
  const readers = Array.from({ length: HEALTHY }, () => follow(url, '*'));
  const names = ['alone', ...Object.keys(NEIGHBOURS_OF)];
  const found = Object.fromEntries(names.map((name) => [name, []]));
  // They take turns, so that what disturbs one disturbs all.
  for (let turn = 0; turn < TURNS; turn++) {
    found.alone.push(await measured(readers, child.pid));
    for (const [name, path] of Object.entries(NEIGHBOURS_OF)) {
      const work = () => measured(readers, child.pid);
      found[name].push(await withNeighbours(url, path, NEIGHBOURS, work));
      await sleep(REST_MS);
    }
    console.error(`turn ${turn + 1} of ${TURNS}; load ${loadavg()[0].toFixed(1)}`);
  }
  /** The middle one of all turns, of what a turn came to beside what another did. */
  const over = (name, other, part, of) =>
    median(found[name].map((one, turn) => of(one[part], found[other][turn][part])));
  for (const name of names) {
    const beside = name === 'alone' ? 'alone' : `beside ${NEIGHBOURS} ${name} ones`;
    const [p50, p99] = ['p50', 'p99'].map((part) => median(found[name].map((one) => one[part])));
    const figures = `${p50.toFixed(1)}, ${p99.toFixed(1)} ms`;
    report(`${HEALTHY} healthy readers ${beside}: p50, p99`, figures, '');
  }
  const ratio = over('faulty', 'healthy', 'p99', (a, b) => a / b);
  const what = `p99 beside ${NEIGHBOURS} faulty ones, over healthy ones`;
  report(what, ratio.toFixed(2), 'at most 1.5');
  const rows = (SECONDS * 1000) / INTERVAL_MS;
  for (const name of Object.keys(NEIGHBOURS_OF)) {
    const cpuMs = over(name, 'alone', 'cpuMs', (a, b) => a - b);
    const micros = (cpuMs * 1000) / rows / NEIGHBOURS;
    report(`CPU time of a row to a reader, ${name}`, `${micros.toFixed(1)} us`, '');
  }
  keep({ turns: found });
});
process.exit(0);

/**
 * What readers who asked for faults cost those beside them, and what they take of the memory.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withServer } from '../scripts/server.mjs';
import { follow } from './follow.mjs';
import { median, report } from './lib.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const TURNS = 3;
const NEIGHBOURS = 500;
const HEALTHY = 20;
const REST_MS = 2000;
/** How long those are watched who are kept waiting. */
const MEMORY_SECONDS = Number(process.env.BENCH_MEMORY_SECONDS ?? 180);
const PROGRAM = fileURLToPath(new URL('faulty/neighbours.mjs', import.meta.url));

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const at = (sorted, part) => sorted[Math.floor(part * (sorted.length - 1))];

async function withNeighbours(url, path, count, use) {
  const child = fork(PROGRAM, [url.replace('http', 'ws') + path, String(count)]);
  try {
    await once(child, 'message');
    return await use();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** How late rows were for each healthy reader, all together: in milliseconds, sorted. */
async function lateness(readers) {
  await sleep(REST_MS);
  for (const seen of readers) seen.length = 0;
  await sleep(SECONDS * 1000);
  return Float64Array.from(readers.flatMap((seen) => [...seen])).sort();
}

const ALL = [
  'drop@1%,duplicate@1%,reorder@1%,delay:200ms-2s@1%,burst:1s@0.5%,stall:1s-4s@0.5%',
  'corrupt@0.2%,stale@0.2%,skew:1s@0.5%,garbage@0.5%',
].join(',');
const FAULTY = `/faulty/${encodeURIComponent(ALL)}/v1/stream`;
const args = ['--count', '100', '--interval', '100ms', '--limit', 'workBurst=100000000000000'];

await withServer(args, async ({ url }) => {
  const readers = Array.from({ length: HEALTHY }, () => follow(url, '*'));
  const found = { alone: [], healthy: [], faulty: [] };
  // They take turns, so that what disturbs one disturbs all.
  for (let turn = 0; turn < TURNS; turn++) {
    found.alone.push(await lateness(readers));
    for (const [name, path] of Object.entries({ healthy: '/v1/stream', faulty: FAULTY })) {
      const work = () => lateness(readers);
      found[name].push(await withNeighbours(url, path, NEIGHBOURS, work));
      await sleep(REST_MS);
    }
  }
  const p99 = Object.fromEntries(
    Object.entries(found).map(([name, all]) => [name, median(all.map((one) => at(one, 0.99)))]),
  );
  const p50 = Object.fromEntries(
    Object.entries(found).map(([name, all]) => [name, median(all.map((one) => at(one, 0.5)))]),
  );
  for (const name of Object.keys(found)) {
    const beside = name === 'alone' ? 'alone' : `beside ${NEIGHBOURS} ${name} ones`;
    const figures = `${p50[name].toFixed(1)}, ${p99[name].toFixed(1)} ms`;
    report(`${HEALTHY} healthy readers ${beside}: p50, p99`, figures, '');
  }
  report(
    `p99 beside ${NEIGHBOURS} faulty ones, over healthy ones`,
    (p99.faulty / p99.healthy).toFixed(2),
    'at most 1.5',
  );
});

/** Memory of a process, in MB. */
function residentMb(pid) {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kb) / 1024;
}

/** Memory of a server whose readers are kept waiting: once whoever is full is full, and later. */
async function watch(name, profile) {
  return await withServer(args, async ({ url, child }) => {
    const path = `/faulty/${encodeURIComponent(profile)}/v1/stream`;
    return await withNeighbours(url, path, 100, async () => {
      await sleep(60_000);
      const first = residentMb(child.pid);
      await sleep(MEMORY_SECONDS * 1000);
      return { name, first, last: residentMb(child.pid) };
    });
  });
}

const watched = await Promise.all([
  watch('healthy', 'delay:1ms@4w'),
  watch('stalled', 'stall:1h@2s'),
  watch('half open', 'halfopen@2s'),
  watch('throttled to 1 kB/s', 'throttle:1kB/s@2s'),
  watch('delayed by an hour', 'delay:1h@2s'),
]);
for (const { name, first, last } of watched) {
  const figures = `${first.toFixed(0)}, ${last.toFixed(0)} MB`;
  report(`100 readers ${name}: after 1 min, ${1 + MEMORY_SECONDS / 60} min`, figures, 'no rise');
}
process.exit(0);

/** The default server as a process: from node's start to ready, and what memory it keeps. */
import { readFileSync } from 'node:fs';
import { startServer } from '../scripts/server.mjs';
import { report } from './lib.mjs';

const MEMORY_SECONDS = Number(process.env.BENCH_SECONDS ?? 30);

const times = [];
for (let i = 0; i < 9; i++) {
  const begun = performance.now();
  const server = await startServer();
  times.push(performance.now() - begun);
  await server.stop();
}
times.sort((a, b) => a - b);
report('start of node to /readyz, median of 9', `${times[4].toFixed(0)} ms`, 'under 1000');

/** What pages ask for each second: the newest rows, two tiles of candles, every sparkline. */
const PAGE_LOAD = [
  '/v1/rows?last=100',
  '/v1/candles?symbol=ticker_07&resolution=1m&last=512',
  '/v1/candles?symbol=ticker_42&resolution=1h&from=2026-02-01&count=512',
  '/v1/sparklines?points=48&span=86400000',
];
/** What a pipeline asks for at its worst: half a million old prices at a time, 3 MB of JSON. */
const PIPELINE_LOAD = [...PAGE_LOAD, '/v1/rows?since=2026-02-01T00:00:00Z&limit=5000'];

async function measureMemory(title, paths, floor) {
  const { child, url, stop } = await startServer();
  const status = () => readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const seen = [];
  for (let second = 0; second < MEMORY_SECONDS; second++) {
    for (const path of paths) await (await fetch(url + path)).arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    seen.push(Number(/VmRSS:\s+(\d+)/.exec(status())[1]) / 1024);
  }
  await stop();
  const change = seen.at(-1) - seen[seen.length >> 1];
  const figures = `${Math.max(...seen).toFixed(0)} MB, ${change.toFixed(0)} MB`;
  report(`${title}: highest, change in 2nd half`, figures, floor);
}

if (process.platform === 'linux') {
  await measureMemory('resident memory, a page at work', PAGE_LOAD, 'under 150, flat');
  await measureMemory('a pipeline at work', PIPELINE_LOAD, '');
}

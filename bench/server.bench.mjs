/** The default server as a process: from node's start to ready, and what memory it keeps. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { report } from './lib.mjs';

const PROGRAM = new URL('../dist/bin/tickwell.js', import.meta.url).pathname;
const MEMORY_SECONDS = Number(process.env.BENCH_SECONDS ?? 30);

async function start() {
  const begun = performance.now();
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  const url = /http:\S+/.exec(String(line))[0];
  while (!(await fetch(`${url}/readyz`)).ok);
  return { child, url, readyMs: performance.now() - begun };
}

async function stop(child) {
  child.kill();
  await once(child, 'exit');
}

const times = [];
for (let i = 0; i < 9; i++) {
  const { child, readyMs } = await start();
  times.push(readyMs);
  await stop(child);
}
times.sort((a, b) => a - b);
report('start of node to /readyz, median of 9', `${times[4].toFixed(0)} ms`, 'under 1000');

if (process.platform === 'linux') {
  const { child, url } = await start();
  const residentMb = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
  const seen = [];
  for (let second = 0; second < MEMORY_SECONDS; second++) {
    // Readers at work: the newest rows, an old range, a year's candles.
    await (await fetch(`${url}/v1/rows?last=100`)).text();
    await (await fetch(`${url}/v1/rows?since=2026-02-01T00:00:00Z&limit=5000`)).text();
    await (await fetch(`${url}/v1/candles?symbol=ticker_07&resolution=1h&last=5000`)).text();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    seen.push(residentMb());
  }
  await stop(child);
  const half = seen.slice(seen.length >> 1);
  report('resident memory under load, highest', `${Math.max(...seen).toFixed(0)} MB`, 'under 150');
  report('its change over the second half', `${(half.at(-1) - half[0]).toFixed(1)} MB`, 'flat');
}

/**
 * What candles that are made in the background bring, and cost: how long the page waits for the
 * first chart of days, and how late rows are meanwhile, beside a server that makes none.
 */
import { withServer } from '../scripts/server.mjs';
import { follow } from './follow.mjs';
import { median, report } from './lib.mjs';

const WARM_MS = 3000;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 15);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const MARKET = [
  '--preset',
  'equities',
  '--origin',
  '2025-11-01',
  '--limit',
  'workBurst=100000000000000',
];
const QUICK = [...MARKET, '--interval', '200ms'];
const NONE = ['--cache-mb', '0'];

/** How long the first chart of days of an instrument takes, in milliseconds, for each of some. */
async function charts(url) {
  const { instruments } = await (await fetch(`${url}/v1/market`)).json();
  const times = [];
  for (const { symbol } of instruments.slice(0, 40).filter((_, n) => n % 4 === 0)) {
    const range = 'resolution=1d&from=2025-11-01&count=365&fields=volume,trades';
    const begunMs = performance.now();
    const answer = await fetch(`${url}/v1/candles?symbol=${symbol}&${range}`);
    if (!answer.ok) throw new Error(`${symbol}: ${answer.status}`);
    await answer.arrayBuffer();
    times.push(performance.now() - begunMs);
  }
  return times;
}

async function keptBytes(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^tickwell_candles_kept_bytes (\d+)/m.exec(text)[1]);
}

/** Comes back when no more candles come. */
async function made(url) {
  const begunMs = performance.now();
  for (let [before, now] = [-1, 0]; before !== now; ) {
    await sleep(5000);
    [before, now] = [now, await keptBytes(url)];
  }
  return (performance.now() - begunMs - 5000) / 1000;
}

await withServer([...MARKET, ...NONE], async ({ url }) => {
  report('365 days of an equity, none made', `${median(await charts(url)).toFixed(0)} ms`, '');
});
await withServer(MARKET, async ({ url }) => {
  const seconds = await made(url);
  report('all days and hours of 50, in the background', `${seconds.toFixed(0)} s`, '');
  const times = await charts(url);
  report('365 days of an equity, made', `${median(times).toFixed(1)} ms`, 'under 100 ms');
  report('the slowest of ten', `${Math.max(...times).toFixed(1)} ms`, 'under 100 ms');
});

const late = { none: [], made: [] };
for (const [name, args] of [
  ['none', NONE],
  ['made', []],
  ['none', NONE],
  ['made', []],
]) {
  await withServer([...QUICK, ...args], async ({ url }) => {
    const seen = follow(url, '*');
    await sleep(WARM_MS);
    seen.length = 0;
    await sleep(SECONDS * 1000);
    late[name].push(...seen);
  });
}
const at = (values, part) => values.toSorted((a, b) => a - b)[Math.floor(part * values.length)];
for (const [name, what] of [
  ['none', 'while none are made'],
  ['made', 'while candles are made'],
]) {
  const figures = [0.5, 0.99].map((part) => at(late[name], part).toFixed(1)).join(', ');
  report(`50 at 200 ms, from due to read, ${what}: p50, p99`, `${figures} ms`, '');
}
process.exit(0);

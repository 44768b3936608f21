/**
 * How late rows are, from when they are due to when a reader has them: of very wide markets, and of
 * one whose past is computed meanwhile for others, a year at a time.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withServer } from '../scripts/server.mjs';
import { follow } from './follow.mjs';
import { report } from './lib.mjs';

const WARM_MS = 5000;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Asks for year after year of candles until it is told to end, two at a time. */
function askForYears(url, instruments) {
  let asked = 0;
  let hasEnded = false;
  const ask = async () => {
    while (!hasEnded) {
      const { symbol } = instruments[asked++ % instruments.length];
      const path = `/v1/candles?symbol=${symbol}&resolution=1d&from=2025-01-01&count=360`;
      const answer = await fetch(url + path);
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  const asking = [ask(), ask()];
  return async () => {
    hasEnded = true;
    await Promise.all(asking);
    return asked;
  };
}

async function measure(title, args, { isBusy = false } = {}) {
  await withServer(args, async ({ url }) => {
    const { instruments, interval } = await (await fetch(`${url}/v1/market`)).json();
    const end = isBusy ? askForYears(url, instruments) : undefined;
    const readers = { one: follow(url, [instruments[7].symbol]), all: follow(url, '*') };
    await sleep(WARM_MS);
    for (const seen of Object.values(readers)) seen.length = 0;
    await sleep(SECONDS * 1000);
    for (const [what, seen] of Object.entries(readers)) {
      const sorted = Float64Array.from(seen).sort();
      const at = (part) => sorted[Math.floor(part * (sorted.length - 1))].toFixed(1);
      const figures = `${at(0.5)}, ${at(0.99)}, ${at(1)} ms`;
      report(`${title}, reader of ${what}: p50, p99, max`, figures, `p99 under ${interval / 5}`);
    }
    if (end !== undefined) report(`${title}: years made meanwhile`, `${await end()}`, '');
  });
}

const wide = join(tmpdir(), 'tickwell-wide.json');
const model = { model: 'market', tickSize: 0.01, startPrice: 100 };
const spec = { count: 10_000, interval: '100ms', capacity: 1000, dtype: 'uint32', defaults: model };
writeFileSync(wide, JSON.stringify(spec));
const past = ['--preset', 'equities', '--origin', '2025-01-01', '--interval', '200ms'];
const budget = ['--limit', 'workBurst=100000000000000'];
await measure('50 of market at 200 ms', past);
await measure('the same while years are made', [...past, ...budget], { isBusy: true });
await measure('10,000 walks at 100 ms', ['--preset', 'stress']);
await measure('10,000 of market at 100 ms', ['--config', wide]);
process.exit(0);

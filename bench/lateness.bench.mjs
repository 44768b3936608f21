/** How late rows of very wide markets are: from when they are due to when a reader has them. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { withServer } from '../scripts/server.mjs';
import { report } from './lib.mjs';

const WARM_MS = 5000;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Follows `symbols` from now on; gives how late each row was, in milliseconds. */
function follow(url, symbols) {
  const latenessMs = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, 'tickwell.v1.bin');
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'subscribe', id: 1, symbols, since: 'now' }));
  });
  socket.on('message', (frame, isBinary) => {
    // `until` is the third number of a frame.
    if (isBinary)
      latenessMs.push(performance.timeOrigin + performance.now() - frame.readDoubleLE(16));
  });
  return latenessMs;
}

async function measure(title, args) {
  await withServer(args, async ({ url }) => {
    const { instruments, interval } = await (await fetch(`${url}/v1/market`)).json();
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
  });
}

const wide = join(tmpdir(), 'tickwell-wide.json');
const model = { model: 'market', tickSize: 0.01, startPrice: 100 };
const spec = { count: 10_000, interval: '100ms', capacity: 1000, dtype: 'uint32', defaults: model };
writeFileSync(wide, JSON.stringify(spec));
await measure('10,000 walks at 100 ms', ['--preset', 'stress']);
await measure('10,000 of market at 100 ms', ['--config', wide]);
process.exit(0);

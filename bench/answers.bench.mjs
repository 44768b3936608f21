/**
 * A week of seconds of one instrument over HTTP, 604,800 rows in binary: made for the first who
 * asks, kept for the next, and against bare node:http with the same bytes. Interleaved rounds.
 */
import { createServer, request } from 'node:http';
import { withServer } from '../scripts/server.mjs';
import { median, report } from './lib.mjs';

const ROUNDS = 9;
const AT_ONCE = 4;
const TIMES = 24;
const WEEK = 'limit=604800&until=2026-01-15T00:00:00Z&format=bin';
/** A Monday at midnight, a row before the first. */
const sinceOf = (week) => new Date(Date.UTC(2026, 0, 4 + week)).toISOString().slice(0, 19);

/** All of an answer; gives how many bytes it had. */
function read(url, path) {
  return new Promise((resolve, reject) => {
    request(url + path, { agent: false }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk) => {
        bytes += chunk.length;
      });
      answer.on('end', () => resolve(bytes));
    })
      .on('error', reject)
      .end();
  });
}

/** Milliseconds that `TIMES` answers take, `AT_ONCE` at a time. */
async function many(url, path) {
  const start = performance.now();
  let left = TIMES;
  const reader = async () => {
    while (left-- > 0) await read(url, path);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return performance.now() - start;
}

await withServer(['--limit', 'workBurst=1000000000000'], async ({ url }) => {
  const path = `/v1/rows?symbols=ticker_07&since=2026-01-08T00:00:00Z&${WEEK}`;
  const body = Buffer.from(await (await fetch(url + path)).arrayBuffer());
  const bare = createServer((_, answer) => {
    answer.writeHead(200, { 'content-length': body.length }).end(body);
  });
  await new Promise((listening) => bare.listen(0, '127.0.0.1', listening));
  const bareUrl = `http://127.0.0.1:${bare.address().port}`;

  const firstMs = [];
  const [keptMs, bareMs] = [[], []];
  for (let round = -1; round < ROUNDS; round++) {
    const first = `/v1/rows?symbols=ticker_${10 + round}&since=${sinceOf(4)}Z&${WEEK}`;
    const start = performance.now();
    await read(url, first);
    const [made, kept, plain] = [
      performance.now() - start,
      await many(url, path),
      await many(bareUrl, '/'),
    ];
    // The first round is for the compilers.
    if (round < 0) continue;
    firstMs.push(made);
    keptMs.push(kept);
    bareMs.push(plain);
  }
  bare.close();
  const rate = (ms) => `${((TIMES * body.length) / ms / 1e6).toFixed(2)} GB/s`;
  report('a week of seconds in binary, made', `${median(firstMs).toFixed(1)} ms`, '');
  report('the same, kept, 4 at a time', rate(median(keptMs)), '');
  report('bare node:http with the same bytes', rate(median(bareMs)), '');
  const ratios = keptMs.map((ms, n) => bareMs[n] / ms);
  report('of bare, median of the rounds', median(ratios).toFixed(2), 'at least 0.8');
});

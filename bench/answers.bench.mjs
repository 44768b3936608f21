/**
 * History over HTTP, beside bare node:http that sends the same bytes from a process of its own: a
 * week of seconds of one instrument (604,800 rows in binary), made for the first who asks and kept
 * for the next; the newest 100 rows of one, as JSON; and in Binance's form a thousand candles of a
 * minute, kept, and the newest ones. Interleaved rounds.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { withServer } from '../scripts/server.mjs';
import { keep, median, report } from './lib.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
const WEEK = 'limit=604800&until=2026-01-15T00:00:00Z&format=bin';
const KLINES = '/api/v3/klines?symbol=TICKER07USDT&interval=1m&limit=1000';
/** A Monday at midnight, a row before the first. */
const sinceOf = (week) => new Date(Date.UTC(2026, 0, 4 + week)).toISOString().slice(0, 19);
const agent = new Agent({ keepAlive: true });

/** All of an answer. */
function read(url, path, options) {
  return new Promise((resolve, reject) => {
    request(url + path, options, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
      answer.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}

/** Milliseconds that so many answers take, some at a time. */
async function many(url, path, { times, atOnce, options }) {
  const start = performance.now();
  let left = times;
  const reader = async () => {
    while (left-- > 0) await read(url, path, options);
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return performance.now() - start;
}

async function bareServer(body) {
  const child = fork(fileURLToPath(new URL('answers/bare.mjs', import.meta.url)));
  child.send(body.toString('base64'));
  const [url] = await once(child, 'message');
  return { url, end: () => child.disconnect() };
}

const bodyOf = async (url) =>
  Buffer.from(
    await (await fetch(url, { headers: { 'accept-encoding': 'identity' } })).arrayBuffer(),
  );

const LOADS = {
  week: { times: 24, atOnce: 4, options: { agent: false } },
  newest: { times: 3000, atOnce: 16, options: { agent } },
  klines: { times: 1000, atOnce: 16, options: { agent } },
  newestKlines: { times: 1000, atOnce: 16, options: { agent } },
};
const limits = ['workBurst=1000000000000', 'workPerSecond=1000000000000'];
await withServer(['--limit', limits.join(',')], async ({ url }) => {
  const paths = {
    week: `/v1/rows?symbols=ticker_07&since=2026-01-08T00:00:00Z&${WEEK}`,
    newest: '/v1/rows?symbols=ticker_07&last=100',
    klines: `${KLINES}&endTime=${Date.UTC(2026, 0, 15)}`,
    newestKlines: KLINES,
  };
  const bodies = {};
  const bare = {};
  for (const name of Object.keys(LOADS)) {
    bodies[name] = await bodyOf(url + paths[name]);
    bare[name] = await bareServer(bodies[name]);
  }
  const madeMs = [];
  const seen = Object.fromEntries(Object.keys(LOADS).map((name) => [name, []]));
  // The first rounds are for the compilers.
  for (let round = -2; round < ROUNDS; round++) {
    const start = performance.now();
    await read(url, `/v1/rows?symbols=ticker_${20 + round}&since=${sinceOf(4)}Z&${WEEK}`);
    const made = performance.now() - start;
    if (round >= 0) madeMs.push(made);
    for (const [name, load] of Object.entries(LOADS)) {
      const ownMs = await many(url, paths[name], load);
      const bareMs = await many(bare[name].url, '/', load);
      if (round >= 0) seen[name].push({ ownMs, bareMs, ratio: bareMs / ownMs });
    }
  }
  for (const each of Object.values(bare)) each.end();
  const middle = (name, what) => median(seen[name].map((each) => each[what]));
  const gigabytes = (ms) => ((LOADS.week.times * bodies.week.length) / ms / 1e6).toFixed(2);
  const perSecond = (name, ms) => ((LOADS[name].times / ms) * 1000).toFixed(0);
  report('a week of seconds in binary, made for the first', `${median(madeMs).toFixed(1)} ms`, '');
  const rates = ['ownMs', 'bareMs'].map((what) => gigabytes(middle('week', what)));
  report('the same kept, 4 at a time / bare node:http', `${rates.join(' / ')} GB/s`, '');
  report('of bare', middle('week', 'ratio').toFixed(2), 'at least 0.8');
  for (const [name, what, least] of [
    ['newest', 'the newest 100 rows', ''],
    ['klines', '1,000 klines of a minute, kept', 'at least 0.5'],
    ['newestKlines', 'the newest 1,000', ''],
  ]) {
    const asked = ['ownMs', 'bareMs'].map((key) => perSecond(name, middle(name, key)));
    report(`${what} / bare node:http`, `${asked.join(' / ')} a second`, '');
    report('of bare', middle(name, 'ratio').toFixed(2), least);
  }
  keep({ rounds: ROUNDS, madeMs, seen });
});

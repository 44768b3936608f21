/**
 * This checkout beside another one, an older say, that is built too: `node bench/against.mjs ../old`.
 * Both take turns in one run, so that a machine that is busy with something else slows both down.
 * Prints what each took and the ratio this : other; below 1 is faster. Linux only.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import { ROOT } from '../scripts/lib.mjs';
import { startServer } from '../scripts/server.mjs';
import { cpuMsOf, interleavedMs, median, table } from './lib.mjs';

const [other] = process.argv.slice(2);
if (other === undefined) throw new Error('usage: node bench/against.mjs OTHER_CHECKOUT');
const ROOTS = { this: ROOT, other: resolve(other) };
const SIDES = Object.keys(ROOTS);
const RUNS = Number(process.env.BENCH_RUNS ?? 31);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
const BUDGET = 'workBurst=1000000000000,workPerSecond=1000000000000,maxAnswersPerAddress=1000';
const BLOCKS = 4;
const COLUMNS = 25;
const DAY_ROWS = 86_400;
const found = [];

function note(what, took, unit) {
  const figures = SIDES.map((side) => `${took[side].toFixed(2)} ${unit}`);
  found.push([what, ...figures, (took.this / took.other).toFixed(2)]);
  process.stderr.write(`${what}: ${figures.join(' / ')}\n`);
}

/** What the core does, with no server: the work of each name, on a market of each side. */
function coreWorks({ BLOCK_ROWS, checkSpec, Fold, Market }) {
  const rows = (COLUMNS * BLOCKS * BLOCK_ROWS) / DAY_ROWS;
  const marketOf = (model) => new Market(checkSpec({ defaults: { model } }).spec);
  const fill = (market, columns) => {
    const out = market.newPrices(BLOCK_ROWS);
    return (run) => {
      for (let n = 0; n < columns * BLOCKS; n++) {
        market.fillBlock(out, n % columns, 1500 + (run + 3) * BLOCKS + Math.floor(n / columns));
      }
    };
  };
  const candles = (market, days) => {
    const fold = new Fold();
    return (run) => {
      for (let day = 0; day < days; day++) {
        fold.clear();
        market.fold(fold, (run + 50) % COLUMNS, day * DAY_ROWS, (day + 1) * DAY_ROWS);
      }
    };
  };
  return {
    'fill, walk': fill(marketOf('walk'), COLUMNS),
    'fill, gbm': fill(marketOf('gbm'), 3),
    'fill, market': fill(marketOf('market'), 3),
    'daily candles, walk': candles(marketOf('walk'), Math.floor(rows) * 4),
    'daily candles, market': candles(marketOf('market'), 2),
  };
}

async function compareCores() {
  const works = {};
  for (const side of SIDES) {
    const core = await import(pathToFileURL(`${ROOTS[side]}/dist/index.js`).href);
    for (const [what, work] of Object.entries(coreWorks(core))) works[`${what}|${side}`] = work;
  }
  const ms = interleavedMs(works, RUNS);
  for (const what of new Set(Object.keys(works).map((name) => name.split('|')[0]))) {
    note(what, Object.fromEntries(SIDES.map((side) => [side, ms[`${what}|${side}`]])), 'ms');
  }
}

const agent = new Agent({ keepAlive: true });

function read(url, path) {
  return new Promise((done, fail) => {
    request(url + path, { agent }, (answer) => {
      if (answer.statusCode !== 200) fail(new Error(`${path}: ${answer.statusCode}`));
      answer.resume().on('end', done);
    })
      .on('error', fail)
      .end();
  });
}

/** CPU time of the server for an answer, in microseconds. */
async function usOf(server, pathOf, times) {
  const before = cpuMsOf(server.child.pid);
  let left = times;
  const reader = async () => {
    while (left > 0) await read(server.url, pathOf(left--));
  };
  await Promise.all(Array.from({ length: 8 }, reader));
  return ((cpuMsOf(server.child.pid) - before) * 1000) / times;
}

const symbolOf = (n) => `ticker_${String(n % 100).padStart(2, '0')}`;
/** What readers ask for; each asks for another instrument, as readers do. */
const ANSWERS = {
  'the newest row': [(n) => `/v1/rows?last=1&symbols=${symbolOf(n)}`, 2000],
  'the newest row of all': [() => '/v1/rows?symbols=*&last=1', 2000],
  'the market': [() => '/v1/market', 1000],
  '500 rows in memory': [(n) => `/v1/rows?last=500&symbols=${symbolOf(n)}`, 1000],
  '500 rows of all fields': [
    (n) => `/v1/rows?last=500&symbols=${symbolOf(n)}&fields=last,bid,ask,volume,trades`,
    200,
  ],
  'candles, kept': [(n) => `/v1/candles?symbol=${symbolOf(n)}&resolution=1m&last=512`, 300],
  '5000 old rows in CSV': [
    (n) => `/v1/rows?symbols=${symbolOf(n)}&since=2026-02-01T00:00:00Z&limit=5000&format=csv`,
    100,
  ],
};

async function compareAnswers(servers) {
  for (const [what, [pathOf, times]] of Object.entries(ANSWERS)) {
    const seen = Object.fromEntries(SIDES.map((side) => [side, []]));
    // The first rounds are for the compilers.
    for (let round = -2; round < ROUNDS; round++) {
      for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
        const us = await usOf(servers[side], pathOf, times);
        if (round >= 0) seen[side].push(us);
      }
    }
    const middle = SIDES.map((side) => [side, median(seen[side])]);
    note(`answer: ${what}`, Object.fromEntries(middle), 'us');
  }
}

/** How late rows of all instruments come, both servers side by side. */
async function compareLateness() {
  const args = ['--preset', 'equities', '--origin', '2025-01-01', '--interval', '200ms'];
  const servers = {};
  const late = Object.fromEntries(SIDES.map((side) => [side, []]));
  for (const side of SIDES) {
    const server = await startServer(args, 0, ROOTS[side]);
    servers[side] = server;
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`, [
      'tickwell.v1.bin',
    ]);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'subscribe', id: 1, symbols: '*', since: 'now' }));
    socket.on('message', (frame, isBinary) => {
      // `until` is the third number of a frame.
      const nowMs = performance.timeOrigin + performance.now();
      if (isBinary) late[side].push(nowMs - frame.readDoubleLE(16));
    });
  }
  await new Promise((done) => setTimeout(done, 5000));
  for (const side of SIDES) late[side].length = 0;
  await new Promise((done) => setTimeout(done, SECONDS * 1000));
  for (const part of [0.5, 0.9, 0.99]) {
    const at = (side) => late[side].toSorted((a, b) => a - b)[Math.floor(part * late[side].length)];
    const took = SIDES.map((side) => [side, at(side)]);
    note(`lateness, p${part * 100}`, Object.fromEntries(took), 'ms');
  }
  for (const side of SIDES) await servers[side].stop('SIGKILL');
}

await compareCores();
const servers = {};
for (const side of SIDES) servers[side] = await startServer(['--limit', BUDGET], 0, ROOTS[side]);
await compareAnswers(servers);
for (const side of SIDES) await servers[side].stop();
await compareLateness();
console.log(table(['what', 'this', 'other', 'ratio'], found));
process.exit(0);

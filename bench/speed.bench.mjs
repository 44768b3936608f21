/**
 * What a market whose time goes fast costs, beside one that goes as time does, and how soon what is
 * done to a market is in force and with its readers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { subscribe } from '../dist/client/index.js';
import { startServer } from '../scripts/server.mjs';
import { cpuMsOf, median, report } from './lib.mjs';

const SPEEDS = [1, 60, 10_000];
const ROUNDS = 3;
const WINDOW_MS = 1000 * Number(process.env.BENCH_SECONDS ?? 10);
const ENTRIES = 15;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const headOf = async (url) => (await (await fetch(`${url}/v1/market`)).json()).head;

/** Rows that a server makes, those that a reader of all has of them, and what it takes of a core. */
async function windowOf({ url, child }, rows) {
  const began = { ms: performance.now(), head: await headOf(url), cpu: cpuMsOf(child.pid) };
  const before = rows.count;
  await sleep(WINDOW_MS);
  const head = await headOf(url);
  const ms = performance.now() - began.ms;
  return {
    // Of a second each.
    rows: (head - began.head) / ms,
    read: ((rows.count - before) * 1000) / ms,
    core: (cpuMsOf(child.pid) - began.cpu) / ms,
  };
}

/** Reads all rows as they come, and counts them. */
function reader(url) {
  const rows = { count: 0, end: () => {} };
  const stream = subscribe({ url, symbols: '*', since: 'now', WebSocket });
  rows.end = () => stream.close();
  void (async () => {
    for await (const { prices } of stream) rows.count += prices[0].length;
  })();
  return rows;
}

const PARTS = process.env.BENCH_PARTS ?? 'speed,entries';
const markets = PARTS.includes('speed') ? [[], ['--preset', 'equities']] : [];
for (const market of markets) {
  const name = market.at(-1) ?? 'the default market';
  const begin = ['--at', '2026-03-02T14:30:00Z', '--cache-mb', '0'];
  const servers = [];
  const readers = [];
  for (const speed of SPEEDS) {
    servers.push(await startServer([...market, ...begin, '--speed', `${speed}`]));
    readers.push(reader(servers.at(-1).url));
  }
  await sleep(5000);
  const windows = SPEEDS.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const n of SPEEDS.keys()) windows[n].push(await windowOf(servers[n], readers[n]));
  }
  for (const [n, speed] of SPEEDS.entries()) {
    const of = (what) => median(windows[n].map((one) => one[what]));
    const made = `${of('rows').toFixed(0)} rows/s, ${of('read').toFixed(0)} read`;
    report(`${name}, speed ${speed}`, `${made}, ${(of('core') * 100).toFixed(1)} % of a core`, '');
  }
  for (const one of readers) one.end();
  for (const { stop } of servers) await stop();
}

/** How soon an entry is in force by the host's clock, and how soon its row is with a reader. */
async function effects(args) {
  const { url, stop } = await startServer(['--interval', '100ms', ...args]);
  const arrived = [];
  const stream = subscribe({ url, symbols: ['ticker_07'], since: 'now', WebSocket });
  void (async () => {
    for await (const { until } of stream) arrived.push({ until, ms: performance.now() });
  })();
  // Just after a start it takes effect behind the last mark.
  await sleep(15_000);
  const [answers, reads] = [[], []];
  for (let n = 0; n < ENTRIES; n++) {
    // Not always at the same place between two rows.
    await sleep(300 + n * 17);
    const beganMs = performance.now();
    const answer = await fetch(`${url}/v1/control/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'shift', symbol: 'ticker_07', percent: 0.5 }),
    });
    const { time } = await answer.json();
    answers.push(performance.now() - beganMs);
    // Several rows may come at once.
    const isThere = ({ until }) => until >= time;
    while (!arrived.some(isThere)) await sleep(1);
    reads.push(arrived.find(isThere).ms - beganMs);
  }
  stream.close();
  await stop();
  return { answers, reads };
}

const folder = mkdtempSync(join(tmpdir(), 'tickwell-speed-'));
const kinds = {
  'no log': [],
  'a log': ['--log', join(folder, 'one.log')],
  'a log, two workers': ['--log', join(folder, 'two.log'), '--workers', '2'],
};
for (const [name, args] of PARTS.includes('entries') ? Object.entries(kinds) : []) {
  const { answers, reads } = await effects(args);
  const [answer, read, last] = [median(answers), median(reads), Math.max(...reads)];
  const values = `${answer.toFixed(0)} ms, ${read.toFixed(0)}, at most ${last.toFixed(0)}`;
  const goal = name.includes('workers') ? 'under 2000' : 'under 1000';
  report(`rows every 100 ms, ${name}: answered, and read`, values, goal);
}
rmSync(folder, { recursive: true });

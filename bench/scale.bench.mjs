/**
 * How cost grows with what is asked: a row with instruments, 10 to 10,000; candles with the range,
 * an hour to a year. (With readers: `fanout`.) A picture each.
 */
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { withServer } from '../scripts/server.mjs';
import { cpuMsOf, keep, median, report, saveSvg } from './lib.mjs';
import { plotOf } from './plot.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const COUNTS = [10, 100, 1000, 10_000];
const INTERVAL_MS = 100;
const SECONDS = 5;
const READERS = 10;
const HOUR_MS = 3_600_000;
const RANGES = {
  hour: { hours: 1, resolution: '1m' },
  '6 h': { hours: 6, resolution: '5m' },
  day: { hours: 24, resolution: '15m' },
  week: { hours: 168, resolution: '1h' },
  month: { hours: 720, resolution: '4h' },
  year: { hours: 8760, resolution: '1d' },
};
const MODELS = ['walk', 'gbm', 'market'];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** CPU time of the server for a row of `count` instruments, which some readers read whole. */
async function usPerRow(count) {
  const of = ['--count', `${count}`, '--interval', `${INTERVAL_MS}`, '--capacity', '1000'];
  return withServer(of, async ({ child, url }) => {
    const sockets = Array.from({ length: READERS }, () => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, 'tickwell.v1.bin');
      const ask = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
      socket.on('open', () => socket.send(JSON.stringify(ask)));
      return socket;
    });
    await sleep(6000);
    const before = cpuMsOf(child.pid);
    await sleep(SECONDS * 1000);
    const ms = cpuMsOf(child.pid) - before;
    for (const socket of sockets) socket.terminate();
    return (ms * 1000) / ((SECONDS * 1000) / INTERVAL_MS);
  });
}

/** Milliseconds until a range of candles is there that nobody has asked for. */
async function rangeMs(url, symbol, { hours, resolution }) {
  const to = Date.UTC(2026, 10, 1);
  const path = `/v1/candles?symbol=${symbol}&resolution=${resolution}&from=${to - hours * HOUR_MS}&to=${to}`;
  const start = performance.now();
  await new Promise((resolve, reject) => {
    request(url + path, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
      answer.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
  return performance.now() - start;
}

const wide = [];
const ranges = [];
const limits = ['workBurst=1000000000000', 'workPerSecond=1000000000000'].join(',');
for (let round = 0; round < ROUNDS; round++) {
  for (const count of COUNTS) wide.push({ round, count, us: await usPerRow(count) });
  for (const model of MODELS) {
    const args = ['--count', '100', '--model', model, '--origin', '2025-01-01', '--limit', limits];
    await withServer([...args, '--capacity', '1000'], async ({ url }) => {
      // For the compilers.
      for (let n = 0; n < 5; n++) await rangeMs(url, `ticker_9${n}`, RANGES.month);
      for (const [n, [name, range]] of Object.entries(RANGES).entries()) {
        const symbol = `ticker_${String(10 * n + round).padStart(2, '0')}`;
        ranges.push({ round, model, name, ms: await rangeMs(url, symbol, range) });
      }
    });
  }
}

const rowUs = (count) => median(wide.filter((each) => each.count === count).map(({ us }) => us));
for (const count of COUNTS) {
  const us = rowUs(count);
  const each = `${((us * 1000) / count).toFixed(0)} ns an instrument`;
  report(`CPU of a row of ${count}, ${READERS} readers of all`, `${us.toFixed(0)} us`, each);
}
const msOf = (model, name) =>
  median(ranges.filter((each) => each.model === model && each.name === name).map(({ ms }) => ms));
for (const model of MODELS) {
  const texts = Object.keys(RANGES).map((name) => msOf(model, name).toFixed(1));
  report(`${model}: candles of 1 h, 6 h, day, week, month, year`, `${texts.join(', ')} ms`, '');
}
keep({ rounds: ROUNDS, wide, ranges });

const instruments = COUNTS.map((count) => [count, rowUs(count)]);
const line = { name: `all of a row, ${READERS} readers`, points: instruments };
saveSvg(
  'instruments',
  plotOf({
    title: 'CPU of the server for a row, by instruments',
    ...{ xLabel: 'instruments', yLabel: 'us of CPU a row', series: [line] },
  }),
);
const series = MODELS.map((model) => ({
  name: model,
  points: Object.entries(RANGES).map(([name, { hours }]) => [hours, msOf(model, name)]),
}));
saveSvg(
  'range',
  plotOf({
    title: 'Time to candles that nobody has asked for, by their range',
    ...{ xLabel: 'range of seconds', yLabel: 'ms', series },
    xTicks: Object.entries(RANGES).map(([text, { hours }]) => ({ value: hours, text })),
  }),
);

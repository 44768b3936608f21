/**
 * What it costs that something was done to a market: rows, candles and trades of instruments with a
 * shift and a halt behind them, beside the same without, in turn; and a thousand entries on one.
 */
import { Timeline } from '../dist/core/timeline/timeline.js';
import { BLOCK_ROWS, checkSpec, Fold, Market, newTrades, TradeSums } from '../dist/index.js';
import { interleavedRatios, report } from './lib.mjs';

const BLOCKS = 20;
const DAY_ROWS = 86_400;
const TURNS = 41;
const ALL = 'walk,gbm,ou,jump,crash-boom,range,regime,market';
const MODELS = (process.env.BENCH_MODELS ?? ALL).split(',');
const all = { all: true };
const marketOf = (model) => new Market(checkSpec({ count: 1, defaults: { model } }).spec);
const PAST = [
  { kind: 'shift', of: all, afterMs: 0, percent: -7 },
  { kind: 'halt', of: all, afterMs: 5000, forMs: 60_000, resume: 'frozen' },
];
const past = (model) => new Timeline(marketOf(model), [{ key: '', index: 1000, effects: PAST }]);

function works(rows) {
  const prices = new Uint16Array(BLOCK_ROWS);
  const traded = newTrades('uint16', BLOCK_ROWS);
  const [fold, sums] = [new Fold(), new TradeSums()];
  const blockOf = (run, n) => 200 + (((run + 9) * BLOCKS + n) % 800);
  return {
    rows: (run) => {
      for (let n = 0; n < BLOCKS; n++) rows.fillBlock(prices, 0, blockOf(run, n));
    },
    'quotes and trades': (run) => {
      for (let n = 0; n < BLOCKS; n++) rows.fillTrades(traded, 0, blockOf(run, n));
    },
    'daily candles': (run) => {
      for (let day = 0; day < 4; day++) {
        const from = (((run + 9) * 4 + day) % 300) * DAY_ROWS;
        fold.clear();
        rows.fold(fold, 0, from, from + DAY_ROWS);
        rows.foldTrades(sums, 0, from, from + DAY_ROWS);
      }
    },
  };
}

for (const model of MODELS) {
  const sides = {
    market: marketOf(model),
    empty: new Timeline(marketOf(model)),
    past: past(model),
  };
  for (const what of ['rows', 'quotes and trades', 'daily candles']) {
    const each = Object.entries(sides).map(([side, rows]) => [side, works(rows)[what]]);
    const { empty, past: done } = interleavedRatios(Object.fromEntries(each), 'market', TURNS);
    report(`${model}: ${what}, nothing done : market`, `${empty.toFixed(3)} x`, '');
    report(`${model}: ${what}, shift and halt : market`, `${done.toFixed(3)} x`, '');
  }
}

/** A thousand entries over a week, of all kinds, many of them in force at once. */
function thousand() {
  const kinds = [
    { kind: 'shift', percent: 1 },
    { kind: 'ramp', percent: -1, overMs: 60_000, backPercent: 90, backOverMs: 600_000 },
    { kind: 'volatility', factor: 1.2, forMs: 6 * 3_600_000 },
    { kind: 'drift', percentPerDay: 2, forMs: 3_600_000 },
    { kind: 'halt', forMs: 30_000, resume: 'frozen' },
    { kind: 'liquidity', spread: 2, depth: 0.5, volume: 2, forMs: 1_800_000 },
    { kind: 'volatility', factor: 0.5, forMs: 2 * 86_400_000 },
  ];
  return Array.from({ length: 1000 }, (_, n) => ({
    key: `${n}`,
    index: 1000 + n * 604,
    effects: [{ ...kinds[n % kinds.length], of: all, afterMs: 0 }],
  }));
}

const msOf = (work) => {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
};

for (const model of MODELS) {
  const timeline = new Timeline(marketOf(model), thousand());
  let slowest = 0;
  const settle = timeline.settle(Number.MAX_SAFE_INTEGER);
  const settled = msOf(() => {
    for (let done = false; !done; ) {
      slowest = Math.max(
        slowest,
        msOf(() => ({ done } = settle.next())),
      );
    }
  });
  report(`${model}: to work out 1,000 entries`, `${settled.toFixed(0)} ms`, '');
  report(`${model}: of that, without a pause`, `${slowest.toFixed(1)} ms`, '');
  const [prices, traded] = [new Uint16Array(BLOCK_ROWS), newTrades('uint16', BLOCK_ROWS)];
  const times = [];
  for (let n = 0; n < 300; n++) {
    const block = (n * 17) % 37;
    const row = (n * 7919) % BLOCK_ROWS;
    times.push(
      msOf(() => {
        timeline.fillBlock(prices, 0, block, row, row + 1);
        timeline.fillTrades(traded, 0, block, row, row + 1);
      }),
    );
  }
  times.splice(0, 60);
  times.sort((a, b) => a - b);
  report(`${model}: any row, median`, `${times[120].toFixed(2)} ms`, 'under 2');
  report(`${model}: the slowest of 240`, `${times.at(-1).toFixed(2)} ms`, '');
}

/** How fast each model makes prices, trades and single rows; and a year of candles of `market`. */
import { BLOCK_ROWS, checkSpec, Fold, Market, newTrades } from '../dist/index.js';
import { medianMs, report } from './lib.mjs';

const BLOCKS = 40;
const YEAR_ROWS = 31_557_600;
/** At least so many million prices a second and core, on one core of the machine named in README. */
const GOALS = { ou: 30, jump: 30, market: 15 };

const marketOf = (model, spec = {}) =>
  new Market(
    checkSpec({
      count: 1,
      ...spec,
      defaults: { model, ...(model === 'market' ? { sector: 'x' } : {}) },
    }).spec,
  );
const rate = (prices, ms) => `${(prices / ms / 1000).toFixed(1)} M/s`;

const block = new Uint16Array(BLOCK_ROWS);
for (const model of ['walk', 'gbm', 'ou', 'jump', 'crash-boom', 'range', 'regime', 'market']) {
  const market = marketOf(model);
  const ms = medianMs((run) => {
    for (let n = 0; n < BLOCKS; n++) market.fillBlock(block, 0, 200 + ((run * BLOCKS + n) % 800));
  }, 15);
  const goal = GOALS[model] === undefined ? '' : `at least ${GOALS[model]}`;
  report(`${model}: prices, one instrument`, rate(BLOCKS * BLOCK_ROWS, ms), goal);

  const traded = newTrades('uint16', BLOCK_ROWS);
  const tradedMs = medianMs((run) => {
    for (let n = 0; n < BLOCKS; n++) market.fillTrades(traded, 0, 200 + ((run * BLOCKS + n) % 800));
  }, 7);
  report(`${model}: the same with quotes and trades`, rate(BLOCKS * BLOCK_ROWS, tradedMs), '');

  // Another year each time, of a market that has just been there: nothing of it is kept.
  const times = [];
  for (let n = 0; n < 60; n++) {
    const year = 1 + ((n * 7) % 10);
    const start = process.hrtime.bigint();
    market.fillBlock(block, 0, Math.floor((year * YEAR_ROWS) / BLOCK_ROWS) + n * 13);
    if (n >= 10) times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  times.sort((a, b) => a - b);
  report(`${model}: any row of any year, median`, `${times[25].toFixed(2)} ms`, 'under 2');
}

const twenty = new Market(
  checkSpec({ count: 20, defaults: { model: 'market', sector: 'x' } }).spec,
);
const twentyMs = medianMs((run) => {
  for (let n = 0; n < 4; n++) {
    for (let column = 0; column < 20; column++) twenty.fillBlock(block, column, 200 + run * 4 + n);
  }
}, 15);
report(
  'market: prices, twenty instruments in turn',
  rate(80 * BLOCK_ROWS, twentyMs),
  'at least 15',
);

const year = marketOf('market');
const fold = new Fold();
const yearMs = medianMs(
  () => {
    for (let day = 0; day < 365; day++) {
      fold.clear();
      year.fold(fold, 0, day * 86_400, (day + 1) * 86_400);
    }
  },
  3,
  0,
);
report('market: 365 daily candles of 31.5 M rows, cold', `${yearMs.toFixed(0)} ms`, 'under 2500');

/**
 * How fast prices are made and folded into candles, beside what the memory takes to be written and
 * copied. All take turns: machines are noisy, ratios within one run are less so.
 */
import { BLOCK_ROWS, checkSpec, Fold, Market } from '../dist/index.js';
import { interleavedMs, report } from './lib.mjs';

const COLUMNS = 100;
const BLOCKS = 6;
const PRICES = COLUMNS * BLOCKS * BLOCK_ROWS;
const GBM_COLUMNS = 20;
const DAY_ROWS = 86_400;

const out = new Uint16Array(PRICES);
const from = new Uint16Array(PRICES);
const views = Array.from({ length: COLUMNS * BLOCKS }, (_, n) =>
  out.subarray(n * BLOCK_ROWS, (n + 1) * BLOCK_ROWS),
);

function fillAll(market, columns, blocks) {
  return (run) => {
    for (let column = 0; column < columns; column++) {
      for (let block = 0; block < blocks; block++) {
        const number = 1500 + (run + 3) * blocks + block;
        market.fillBlock(views[column * blocks + block], column, number);
      }
    }
  };
}

const walk = new Market(checkSpec({}).spec);
const gbm = new Market(checkSpec({ defaults: { model: 'gbm' } }).spec);
const fold = new Fold();
const DAYS = Math.floor(PRICES / DAY_ROWS);

const ms = interleavedMs(
  {
    walk: fillAll(walk, COLUMNS, BLOCKS),
    gbm: fillAll(gbm, GBM_COLUMNS, BLOCKS),
    memset: (run) => out.fill(run),
    memcpy: () => out.set(from),
    candles(run) {
      for (let day = 0; day < DAYS; day++) {
        fold.clear();
        walk.fold(fold, (run + 50) % COLUMNS, day * DAY_ROWS, (day + 1) * DAY_ROWS);
      }
    },
  },
  31,
);
const rate = (prices, took) => `${Math.round(prices / took / 1000)} M prices/s`;

report('walk into Uint16Array, 9.8 M prices', rate(PRICES, ms.walk), 'at least 600');
report('TypedArray.fill of the same bytes', rate(PRICES, ms.memset), '');
report('walk : fill', `1 : ${(ms.walk / ms.memset).toFixed(1)}`, 'at most 1 : 20');
report('gbm into Uint16Array', rate((PRICES / COLUMNS) * GBM_COLUMNS, ms.gbm), 'at least 50');
report('daily candles of a walk, made from nothing', rate(DAYS * DAY_ROWS, ms.candles), '');
report('TypedArray.set of as many prices', rate(PRICES, ms.memcpy), '');
const ratio = ms.candles / DAYS / DAY_ROWS / (ms.memcpy / PRICES);
report('candles : copy', `1 : ${ratio.toFixed(1)}`, '');

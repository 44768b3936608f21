/** How fast prices are made. Ratios are within one run: machines are noisy, ratios are less so. */
import { BLOCK_ROWS, checkSpec, Market } from '../dist/index.js';
import { medianMs, report } from './lib.mjs';

const COLUMNS = 100;
const BLOCKS = 6;
const PRICES = COLUMNS * BLOCKS * BLOCK_ROWS;

const out = new Uint16Array(PRICES);
const views = Array.from({ length: COLUMNS * BLOCKS }, (_, n) =>
  out.subarray(n * BLOCK_ROWS, (n + 1) * BLOCK_ROWS),
);

function fillAll(market, columns, blocks) {
  return (run) => {
    for (let column = 0; column < columns; column++) {
      for (let block = 0; block < blocks; block++) {
        market.fillBlock(views[column * blocks + block], column, 1500 + run * blocks + block);
      }
    }
  };
}

const walk = new Market(checkSpec({}).spec);
const gbm = new Market(checkSpec({ defaults: { model: 'gbm' } }).spec);

const walkMs = medianMs(fillAll(walk, COLUMNS, BLOCKS), 31);
const memsetMs = medianMs((run) => out.fill(run), 31);
const gbmMs = medianMs(fillAll(gbm, 20, BLOCKS), 31);
const rate = (prices, ms) => `${Math.round(prices / ms / 1000)} M prices/s`;

report('walk into Uint16Array, 9.8 M prices', rate(PRICES, walkMs), 'at least 600');
report('TypedArray.fill of the same bytes', rate(PRICES, memsetMs), '');
report('walk : fill', `1 : ${(walkMs / memsetMs).toFixed(1)}`, 'at most 1 : 20');
report('gbm into Uint16Array', rate((PRICES / COLUMNS) * 20, gbmMs), 'at least 50');

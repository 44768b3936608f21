/** How fast the past is had: candles of a year, the first row of a day, ten years at 1 ms. */
import { BLOCK_ROWS, checkSpec, Fold, Market } from '../dist/index.js';
import { medianMs, report } from './lib.mjs';

const DAY_ROWS = 86_400;
const market = new Market(checkSpec({}).spec);
const gbm = new Market(checkSpec({ defaults: { model: 'gbm' } }).spec);
const fold = new Fold();

function foldYear(of, column) {
  for (let day = 0; day < 365; day++) {
    fold.clear();
    of.fold(fold, column, day * DAY_ROWS, (day + 1) * DAY_ROWS);
  }
}

const yearMs = medianMs((run) => foldYear(market, (run + 50) % 100));
report(
  '365 daily candles of 31.5 M rows of a walk, not cached',
  `${yearMs.toFixed(1)} ms`,
  'under 60',
);
const gbmYearMs = medianMs((run) => foldYear(gbm, (run + 50) % 100), 5, 1);
report('the same of gbm', `${gbmYearMs.toFixed(0)} ms`, '');

const block = market.newPrices(BLOCK_ROWS);
const times = [];
for (let day = 0; day < 327; day++) {
  // A market that has computed nothing yet: no memory of a neighbouring day helps.
  const fresh = new Market(checkSpec({ count: 1, seed: 1 }).spec);
  const start = process.hrtime.bigint();
  fresh.fillBlock(block, 0, Math.floor((day * DAY_ROWS) / BLOCK_ROWS));
  times.push(Number(process.hrtime.bigint() - start) / 1e6);
}
times.sort((a, b) => a - b);
report('first row of a day since the origin, median', `${times[163].toFixed(3)} ms`, 'under 1');
report('the slowest of 327 days', `${times.at(-1).toFixed(3)} ms`, '');

const fast = { count: 1, interval: 1 };
const tenYearsMs = medianMs(() => {
  const fresh = new Market(checkSpec(fast).spec);
  fresh.fillBlock(block, 0, Math.floor((3652 * 86_400_000) / BLOCK_ROWS));
});
report('a row ten years on at 1 ms intervals', `${tenYearsMs.toFixed(2)} ms`, 'under 1');

/** What a book, its differences and single trades cost, in CPU time. */
import {
  BLOCK_ROWS,
  checkSpec,
  fillBookDifferences,
  Market,
  newBookDifferences,
  newDepth,
  newEachTrade,
  newTrades,
} from '../dist/index.js';
import { median, report } from './lib.mjs';

const LEVELS = 20;
const ROWS = 4096;
const START = 100 * BLOCK_ROWS;

/** The median CPU time of `runs` runs of `work`, each for `many` rows or trades, in us of one. */
function cpuMicros(work, many, runs = 9, warmUps = 3) {
  const found = [];
  for (let run = -warmUps; run < runs; run++) {
    const start = process.cpuUsage();
    work(run + warmUps);
    const { user, system } = process.cpuUsage(start);
    if (run >= 0) found.push((user + system) / many);
  }
  return median(found);
}

const us = (micros) => `${micros.toFixed(2)} us`;

for (const [model, spreadTicks] of [
  ['walk', 2],
  ['market', 2],
  ['market', 60],
]) {
  const defaults = { model, spreadTicks, startPrice: 5000 };
  const market = new Market(checkSpec({ dtype: 'float64', count: 1, defaults }).spec);
  const quotes = newTrades(market.spec.dtype, BLOCK_ROWS);
  market.fillTrades(quotes, 0, START / BLOCK_ROWS);
  const book = market.bookOf(0);
  const [even, odd] = [newDepth(LEVELS), newDepth(LEVELS)];
  const differences = newBookDifferences(LEVELS);
  const fill = (out, at) => book.fill(out, START + at, quotes.bid[at], quotes.ask[at], LEVELS);
  let [changes, rows] = [0, 0];
  const [bookMicros, nextMicros] = [
    cpuMicros((run) => {
      for (let at = 0; at < ROWS; at++) fill(even, (run % 2) * ROWS + at);
    }, ROWS),
    cpuMicros((run) => {
      const first = (run % 2) * ROWS;
      for (let at = 0; at < ROWS; at++) {
        const [before, now] = at % 2 === 0 ? [odd, even] : [even, odd];
        fill(now, first + at);
        if (at > 0) fillBookDifferences(differences, before, now);
        changes += differences.changes;
        rows += 1;
      }
    }, ROWS),
  ];
  const of = `${model}, spread of ${spreadTicks}`;
  report(`a book of ${LEVELS} levels, ${of}`, us(bookMicros), 'under 5 us');
  report('the same and its differences from the row before', us(nextMicros), 'under 10 us');
  report('how many these are, of 80 at most', (changes / rows).toFixed(1), '');
}

for (const tradesPerDay of [172_800, 5_000_000]) {
  const defaults = { model: 'market', tradesPerDay };
  const market = new Market(checkSpec({ count: 1, defaults }).spec);
  const MANY = 20_000;
  const each = newEachTrade(MANY);
  const next = (run) => (run + 5) * 1_000_000;
  const micros = cpuMicros((run) => {
    market.fillEachTrade(each, 0, next(run), next(run) + MANY);
  }, MANY);
  const findMicros = cpuMicros((run) => {
    for (let n = 0; n < 200; n++) market.rowOfTrade(0, next(run) + n * 4999);
  }, 200);
  const foldMicros = cpuMicros((run) => {
    const sums = { trades: 0, volume: 0 };
    for (let day = 0; day < 200; day++) {
      const from = (run * 200 + day) * 86_400;
      market.foldTrades(sums, 0, from, from + 86_400);
    }
  }, 200);
  const of = `${tradesPerDay.toLocaleString('en')} a day`;
  report(`a trade of many in order, ${of}`, us(micros), '');
  report('the row of a trade somewhere', us(findMicros), '');
  report('trades and volume of a day, two readings', us(foldMicros), '');
}

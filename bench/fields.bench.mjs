/** What fields cost beside `last`: to make, to read again, at the head of many instruments. */
import { BLOCK_ROWS, checkSpec, Feed, Market, newTrades } from '../dist/index.js';
import { medianMs, report } from './lib.mjs';

const START_ROWS = 200_000;
const FIELDS = ['last', 'bid', 'ask', 'volume', 'trades', 'aggressor'];

function feedOf(spec) {
  const market = new Market(checkSpec({ capacity: 1000, ...spec }).spec);
  const feed = new Feed(market);
  let index = START_ROWS;
  const advance = () => {
    feed.advance(market.grid.originMs + index * market.grid.intervalMs);
    index += 1;
  };
  advance();
  return { market, feed, advance, columns: market.instruments.map((_, column) => column) };
}

const ns = (ms, values) => `${((ms * 1e6) / values).toFixed(1)} ns`;

for (const model of ['walk', 'market']) {
  const market = new Market(checkSpec({ count: 1, defaults: { model } }).spec);
  const prices = market.newPrices(BLOCK_ROWS);
  const trades = newTrades(market.spec.dtype, BLOCK_ROWS);
  const [lastMs, tradesMs, partMs] = [
    medianMs((run) => market.fillBlock(prices, 0, 50 + run)),
    medianMs((run) => market.fillTrades(trades, 0, 150 + run)),
    medianMs((run) => market.fillTrades(trades, 0, 250 + run, 64, 128)),
  ];
  report(`${model}: a price, of a whole block`, ns(lastMs, BLOCK_ROWS), '');
  report('its quotes and trades, price included', ns(tradesMs, BLOCK_ROWS), '');
  report('64 rows of them alone', `${partMs.toFixed(3)} ms`, '');
}

// Frames of old rows, as a reader gets them that is far behind: few instruments, then many.
for (const count of [10, 100]) {
  const { market, feed, columns } = feedOf({ count });
  const { history } = feed;
  const { trades } = history;
  const isWide = !trades.keepsBlocksOf(count);
  const ROWS = 100;
  const read = (fields, from) => {
    for (const column of columns) {
      if (isWide && fields.length > 1) trades.make(column, from, from + ROWS);
      for (const field of fields) {
        const values = history.newValues(field, ROWS);
        history.copyField(values, 0, field, column, from, from + ROWS);
      }
    }
  };
  for (const fields of [['last'], FIELDS]) {
    // From one frame to the next, over the edge of no block.
    const ms = medianMs((run) => read(fields, BLOCK_ROWS + (run + 3) * ROWS), 40, 3);
    const what = fields.length === 1 ? 'last' : 'all six fields';
    const of = `${market.instruments.length} instruments`;
    report(`a frame of 100 old rows of ${of}, ${what}`, `${ms.toFixed(2)} ms`, '');
  }
}

// The head: what a row costs when nobody, and when everybody, reads its fields.
for (const count of [100, 10_000]) {
  const { feed, advance, columns } = feedOf({ count });
  const { history } = feed;
  const ROWS = count > 1000 ? 60 : 600;
  const mean = () => {
    const start = process.hrtime.bigint();
    for (let n = 0; n < ROWS; n++) advance();
    return Number(process.hrtime.bigint() - start) / 1e6 / ROWS;
  };
  const alone = mean();
  const start = process.hrtime.bigint();
  for (const _ of history.trades.follow(columns));
  const followMs = Number(process.hrtime.bigint() - start) / 1e6;
  const followed = mean();
  const readMs = medianMs(() => {
    for (const field of FIELDS) {
      for (const column of columns) {
        const values = history.newValues(field, 1);
        history.copyField(values, 0, field, column, feed.head - 1, feed.head);
      }
    }
  });
  const of = `${count} instruments`;
  report(`the head moves by a row of ${of}, mean`, `${alone.toFixed(3)} ms`, '');
  report('the same while their fields are followed', `${followed.toFixed(3)} ms`, '');
  report(`to begin to follow ${of}, in slices`, `${followMs.toFixed(0)} ms`, '');
  report(`the newest row of all six fields of ${of}`, `${readMs.toFixed(2)} ms`, '');
}

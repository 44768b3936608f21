/**
 * What it costs to cut candles by the clock of a zone, beside cutting them in UTC: folded from old
 * rows, and found among those that are kept. Interleaved rounds; the widths as a chart has them.
 */

import { candleRange, foldCandles, newCandles } from '../dist/core/history/candles.js';
import { checkSpec, Feed, Market, parseResolution } from '../dist/index.js';
import { zonedResolution } from '../dist/zones/zoned-resolution.js';
import { interleavedMs, report } from './lib.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const DAY_MS = 86_400_000;
const ZONES = ['America/New_York', 'Europe/Berlin', 'Asia/Tokyo'];
/** Widths, how many days of them are folded, and how often those that are kept are found. */
const WIDTHS = { '1m': [60, 1], '1h': [300, 10], '1d': [300, 300], '1mo': [300, 3000] };
const WANTED = process.env.BENCH_KINDS?.split(',') ?? Object.keys(WIDTHS);

const { spec } = checkSpec({ count: 100, capacity: 1000 });
const market = new Market(spec);
const feed = new Feed(market);
for (const _ of feed.fill(market.grid.originMs + 310 * DAY_MS));

/** Folds the candles of some days of one column. */
function fold(resolution, days, column) {
  const { history } = feed;
  const from = market.grid.originMs + DAY_MS;
  const range = candleRange(history, resolution, from, from + days * DAY_MS);
  for (const _ of foldCandles(newCandles(), history, column, resolution, range));
}

for (const text of WANTED) {
  const [days, often] = WIDTHS[text];
  const cuttings = { UTC: parseResolution(text) };
  for (const zone of ZONES) cuttings[zone] = zonedResolution(text, zone);
  const cold = {};
  const kept = {};
  for (const [name, resolution] of Object.entries(cuttings)) {
    // Another column each time: its candles were forgotten, or never folded.
    cold[name] = (turn) => fold(resolution, days, (turn + 50) % 100);
    kept[name] = () => {
      for (let times = 0; times < often; times++) fold(resolution, days, 99);
    };
  }
  for (const [what, works] of Object.entries({ folded: cold, kept })) {
    const ms = interleavedMs(works, ROUNDS, 3);
    const ratios = ZONES.map((zone) => (ms[zone] / ms.UTC).toFixed(2));
    report(`${text}, ${what}: UTC`, `${ms.UTC.toFixed(2)} ms`, '');
    report(
      `  by the clock of ${ZONES.map((zone) => zone.split('/')[1]).join(', ')}`,
      ratios.join(' / '),
      'at most 1.2',
    );
  }
}

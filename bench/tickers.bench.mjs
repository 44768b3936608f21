/**
 * What streams of tickers cost each second, and `ticker/24hr`: CPU of this process, once the last 24
 * hours of all are known. Beside them, what it takes to write as many objects of the same texts by
 * JSON.stringify: the machine's part of it. Columns begin with the sums of one of their model: that
 * costs the same from then on, and spares minutes.
 */
import { History } from '../dist/core/history/history.js';
import { newRoom, summed } from '../dist/core/history/summed-rows.js';
import { finish } from '../dist/core/market/finish.js';
import { Market } from '../dist/core/market/market.js';
import { checkSpec } from '../dist/core/market/spec.js';
import { BinanceSymbols } from '../dist/protocols/binance/symbols.js';
import { FULL_DAY, tickerText } from '../dist/protocols/binance/tickers/ticker-forms.js';
import { TickerStreams } from '../dist/protocols/binance/tickers/ticker-streams.js';
import { Tickers } from '../dist/protocols/binance/tickers/tickers.js';
import { report } from './lib.mjs';

const HEAD = 200_000;
const WARM_UPS = 30;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 90);

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Instruments of some models in turn, the last 24 hours of all of which are known. */
function world(count, models) {
  const instruments = Array.from({ length: count }, (_, n) => ({
    symbol: `I${n}`,
    model: models[n % models.length],
    tradesPerDay: 20_000 + 1000 * (n % 300),
  }));
  const check = checkSpec({ seed: 1, capacity: 4000, instruments });
  const market = new Market(check.spec);
  const history = new History(market);
  finish(history.moveTo(HEAD));
  const time = { nowMs: 0 };
  const feed = {
    history,
    market,
    get head() {
      return history.head;
    },
  };
  const failures = {
    tell: (error) => {
      throw error;
    },
  };
  const slicer = { run: async (steps) => finish(steps) };
  const clock = { nowMs: () => time.nowMs, steadyMs: () => 0 };
  const service = { feed, clock, failures, logger: { debug() {} }, slicer };
  const symbols = new BinanceSymbols(market, count);
  const tickers = new Tickers(service, symbols);
  const rolling = tickers.rolling('day');
  const room = newRoom(market);
  const sums = models.map((_, column) => finish(summed(market, rolling.span, column, HEAD, room)));
  for (let column = 0; column < count; column++) {
    rolling.begin({ ...sums[column % models.length], column });
  }
  return { history, tickers, streams: new TickerStreams(service, tickers, symbols), time };
}

/** CPU of each of some seconds, in milliseconds: of the messages, and of JSON.stringify. */
function seconds({ history, streams, time }) {
  let payload = Buffer.alloc(0);
  streams.follow({ kind: 'mini', span: 'day' }, 'ms', (bytes) => {
    payload = bytes;
  });
  const [told, bare] = [[], []];
  for (let n = -WARM_UPS; n < SECONDS; n++) {
    finish(history.moveTo(history.head + 1));
    time.nowMs += 1000;
    const begun = cpuMs();
    streams.advanced();
    const made = cpuMs();
    if (n < 0) continue;
    const list = JSON.parse(payload.toString());
    const parsed = cpuMs();
    Buffer.from(JSON.stringify(list));
    told.push(made - begun);
    bare.push(cpuMs() - parsed);
  }
  return { told: average(told), bare: average(bare), bytes: payload.length };
}

for (const [name, models] of [
  ['walk', ['walk']],
  ['market', ['market']],
  ['of all models', ['walk', 'gbm', 'jump', 'market']],
]) {
  const { told, bare, bytes } = seconds(world(10_000, models));
  const said = `${told.toFixed(1)} ms, ${(told / bare).toFixed(2)} x`;
  report(`!miniTicker@arr of 10,000, ${name} (${bytes} bytes)`, said, 'under 20 ms');
}

const { history, tickers } = world(100, ['walk', 'market']);
const times = [];
for (let n = -WARM_UPS; n < SECONDS; n++) {
  finish(history.moveTo(history.head + 1));
  const begun = cpuMs();
  const all = finish(tickers.newest('day', tickers.columns, true, true));
  Buffer.from(`[${all.map((ticker) => tickerText(FULL_DAY, ticker, { unit: 'ms' })).join()}]`);
  if (n >= 0) times.push(cpuMs() - begun);
}
report(
  'ticker/24hr of all 100, each at a row of its own',
  `${average(times).toFixed(2)} ms`,
  'under 2 ms',
);

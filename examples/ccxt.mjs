// A market that does not exist, by the ccxt that a bot has (npm install ccxt): the hosts of its
// addresses are replaced, the paths are kept. Prints candles, the book and the newest trades of the
// first symbol, or of one.
//   node ccxt.mjs [url] [symbol]
import ccxt from 'ccxt';

const [url = 'http://localhost:8080', symbol] = process.argv.slice(2);
/** @param {string} at */
const hostOf = (at) => (at.startsWith('ws') ? url.replace('http', 'ws') : url);
/** @type {(urls: object) => object} */
const led = (urls) =>
  Object.fromEntries(
    Object.entries(urls).map(([name, at]) => [
      name,
      typeof at === 'string' ? hostOf(at) + new URL(at).pathname : led(at),
    ]),
  );

const exchange = new ccxt.binance();
exchange.urls.api = led(exchange.urls.api);
const name = symbol ?? Object.keys(await exchange.loadMarkets())[0];
console.log(name, exchange.market(name).precision);
for (const [time, ...candle] of await exchange.fetchOHLCV(name, '1m', undefined, 3))
  console.log('candle', exchange.iso8601(time), ...candle);
const { bids, asks } = await exchange.fetchOrderBook(name, 3);
console.log('book', ...bids.flat(), '|', ...asks.flat());
for (const { datetime, side, amount, price } of await exchange.fetchTrades(name, undefined, 3))
  console.log('trade', datetime, side, amount, price);

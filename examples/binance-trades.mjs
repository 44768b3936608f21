// Every trade of a symbol once and in order, by the client of Binance that a bot has (npm install
// binance). Trades are numbered: what is missed while the connection is gone is asked for by REST.
//   node binance-trades.mjs [url] [symbol]
import { MainClient, WebsocketClient } from 'binance';

const [url = 'http://localhost:8080', symbol = 'TICKER07USDT'] = process.argv.slice(2);
const quiet = { trace() {}, info() {}, error: console.error };
const rest = new MainClient({ baseUrl: url });
const stream = new WebsocketClient({ wsUrl: url.replace('http', 'ws'), beautify: true }, quiet);
let next = Number.NaN; // the number of the trade that is due
let turn = Promise.resolve(); // messages are taken one after the other

/** @typedef {{ tradeId: number, price: number | string, quantity: number | string }} Trade */
/** @param {Trade} trade */
function print({ tradeId, price, quantity }) {
  if (tradeId < next) return;
  console.log(tradeId, Number(price), Number(quantity));
  next = tradeId + 1;
}

/** @param {Trade} trade */
async function take(trade) {
  while (next < trade.tradeId) {
    const missed = await rest.getHistoricalTrades({ symbol, fromId: next, limit: 1000 });
    for (const { id, price, qty } of missed) print({ tradeId: id, price, quantity: qty });
  }
  print(trade);
}

/** @param {any} message */
const hear = (message) => {
  turn = turn.then(() => take(message));
};
stream.on('formattedMessage', hear);
await stream.subscribe([`${symbol.toLowerCase()}@trade`], 'main');

// Prints the last ten ticks of a symbol, then each as it comes, by Deriv's own client.
//   npm install @deriv/deriv-api ws; node deriv.mjs [url] [symbol]
import DerivAPI from '@deriv/deriv-api';
import { WebSocket } from 'ws';

const [endpoint = 'ws://localhost:8080', symbol = 'TICKER07USDT'] = process.argv.slice(2);
// The client takes that of browsers, which Node 20 does not have.
if (!globalThis.WebSocket) Object.assign(globalThis, { WebSocket });
const { basic } = new DerivAPI({ endpoint, app_id: 1 });
process.once('SIGINT', () => process.exit());

/** @type {(epoch: number, quote: number) => void} */
const print = (epoch, quote) => console.log(new Date(epoch * 1000).toISOString(), symbol, quote);
basic.subscribe({ ticks_history: symbol, end: 'latest', count: 10 }).subscribe(
  ({ history, tick }) => {
    // The first answer is history; the ticks behind it go on where that ends.
    for (const [n, epoch] of history?.times.entries() ?? []) print(epoch, history.prices[n]);
    if (tick !== undefined) print(tick.epoch, tick.quote);
  },
  ({ error }) => console.error(error.message),
);

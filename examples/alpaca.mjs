// Follows the trades of stocks as Alpaca's stream has them, and fills holes from REST: after a cut, what
// was missed is asked for, and the numbers of trades say that nothing is left out.
//
//     npx tickwell serve --preset exchange
//     node examples/alpaca.mjs [url] [symbol]
import { WebSocket } from 'ws';

const [base = 'http://localhost:8080', symbol = 'NIMBO'] = process.argv.slice(2);
const keys = { 'APCA-API-KEY-ID': 'any', 'APCA-API-SECRET-KEY': 'any' };
/** @typedef {{ i: number, t: string, p: number, s: number }} Trade */
/** @type {{ i: number, t: string } | undefined} */
let last;

/** @param {Trade} trade */
function show({ i, t, p, s }) {
  if (last !== undefined && i <= last.i) return;
  last = { i, t };
  console.log(`${i} ${t} ${s} at ${p}`);
}

/** Shows all trades from the last one on, page by page. */
async function catchUp() {
  for (let token = ''; token !== null; ) {
    const query = new URLSearchParams({ start: last?.t ?? '', page_token: token });
    const answer = await fetch(`${base}/v2/stocks/${symbol}/trades?${query}`, { headers: keys });
    if (!answer.ok) throw new Error(await answer.text());
    const { trades, next_page_token } = await answer.json();
    trades.forEach(show);
    token = next_page_token;
  }
}

function follow() {
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/v2/iex`);
  let isWhole = last === undefined;
  /** @type {Trade[]} */
  const early = [];
  socket.on('message', async (text) => {
    for (const message of JSON.parse(String(text))) {
      if (message.T === 'success' && message.msg === 'connected') {
        socket.send(JSON.stringify({ action: 'auth', key: 'any', secret: 'any' }));
      } else if (message.T === 'success') {
        socket.send(JSON.stringify({ action: 'subscribe', trades: [symbol] }));
      } else if (message.T === 'subscription' && !isWhole) {
        await catchUp();
        isWhole = true;
        early.splice(0).forEach(show);
      } else if (message.T === 't') {
        if (isWhole) show(message);
        else early.push(message);
      } else if (message.T === 'error') {
        console.error(`${message.code} ${message.msg}`);
        process.exitCode = 1;
        socket.removeAllListeners('close').close();
      }
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => setTimeout(follow, 1000));
}

follow();

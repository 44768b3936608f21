/** Consumers of Binance-style streams of trades, each as the README of its client has it. */
import { ownName, SYMBOLS } from './market.mjs';
import { defaultOf, importClient } from './real-client.mjs';

const STREAMS = SYMBOLS.map(({ binance }) => `${binance.toLowerCase()}@trade`);

/** A trade in the words of Binance. */
const recordOf = ({ s, t, T, p }) => ({ id: t, symbol: ownName(s), time: T, price: p });

/** Addresses of ccxt, led to others: hosts are replaced, paths are kept. */
export const led = (urls, http, ws) =>
  Object.fromEntries(
    Object.entries(urls).map(([key, url]) => [
      key,
      typeof url === 'string'
        ? (url.startsWith('ws') ? ws : http) + new URL(url).pathname
        : led(url, http, ws),
    ]),
  );

/** As its manual has it: what is thrown is printed, and the loop goes on. */
export async function ccxtPro({ http, ws, take, tell }) {
  const { pro } = (await importClient('ccxt')).default;
  const exchange = new pro.binance({ newUpdates: true });
  exchange.urls.api = led(exchange.urls.api, http, ws);
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  const watch = async (name) => {
    for (;;) {
      try {
        for (const { id, symbol, timestamp, price } of await exchange.watchTrades(name))
          take({ id, symbol: ownName(symbol), time: timestamp, price });
      } catch (error) {
        tell(error);
      }
    }
  };
  for (const { ccxt } of SYMBOLS) void watch(ccxt);
}

export async function binance({ ws, take, tell }) {
  const { WebsocketClient } = await importClient('binance');
  const logger = { trace() {}, info() {}, error: (text) => tell(`logged: ${text}`) };
  const client = new WebsocketClient({ wsUrl: ws, beautify: true }, logger);
  client.on('formattedMessage', ({ eventType, tradeId, symbol, time, price }) => {
    if (eventType === 'trade') take({ id: tradeId, symbol: ownName(symbol), time, price });
    else tell(`another message: ${eventType}`);
  });
  for (const event of ['reconnecting', 'reconnected', 'exception'])
    client.on(event, ({ wsKey }) => tell(`${event} ${wsKey}`));
  await client.subscribe(STREAMS, 'main');
}

export async function binanceConnector({ ws, take, tell }) {
  const { WebsocketStream } = defaultOf(await importClient('@binance/connector'));
  const said = (what) => (text) => tell(`${what}: ${text}`);
  const logger = { debug() {}, info() {}, warn: said('logged'), error: said('logged') };
  for (const { binance } of SYMBOLS) {
    const callbacks = {
      close: said('close'),
      error: said('error'),
      // It is given texts as they come, whatever they are.
      message(text) {
        try {
          take(recordOf(JSON.parse(text)));
        } catch {
          tell(`no JSON: ${text}`);
        }
      },
    };
    new WebsocketStream({ wsURL: ws, callbacks, logger }).trade(binance.toLowerCase());
  }
}

export async function binanceSpot({ ws, take, tell }) {
  const { Spot } = await importClient('@binance/spot');
  const client = new Spot({ configurationWebsocketStreams: { wsURL: ws } });
  const connection = await client.websocketStreams.connect();
  connection.on('close', (code) => tell(`close ${code}`));
  connection.on('error', tell);
  for (const { binance } of SYMBOLS)
    connection
      .trade({ symbol: binance.toLowerCase() })
      .on('message', (trade) => take(recordOf(trade)));
}

export async function binanceApiNode({ http, ws, take }) {
  const newClient = defaultOf(await importClient('binance-api-node'));
  const client = newClient({ httpBase: http, wsBase: `${ws}/ws` });
  client.ws.trades(
    SYMBOLS.map(({ binance }) => binance),
    ({ tradeId, symbol, tradeTime, price }) =>
      take({ id: tradeId, symbol: ownName(symbol), time: tradeTime, price }),
  );
}

export async function nodeBinanceApi({ http, ws, take, tell }) {
  const Binance = defaultOf(await importClient('node-binance-api'));
  const urls = {
    base: `${http}/api/`,
    stream: `${ws}/ws/`,
    combineStream: `${ws}/stream?streams=`,
  };
  const client = new Binance({ urls, log: (text) => tell(`logged: ${text}`) });
  client.websockets.trades(
    SYMBOLS.map(({ binance }) => binance),
    (trade) => take(recordOf(trade)),
  );
}

/** The plain socket: it does not come back by itself, and hands over texts. */
export async function plainWs({ ws, take, tell }) {
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(`${ws}/stream?streams=${STREAMS.join('/')}`);
  socket.on('close', (code) => tell(`close ${code}`));
  socket.on('error', tell);
  socket.on('message', (text) => {
    try {
      take(recordOf(JSON.parse(text).data));
    } catch {
      tell(`no JSON: ${text}`);
    }
  });
}

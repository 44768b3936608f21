/** Consumers that ask for trades, each by the way of its client: for those behind the last they have. */
import { led } from './binance-streams.mjs';
import { SYMBOLS } from './market.mjs';
import { defaultOf, importClient } from './real-client.mjs';

/** Between two rounds. */
const REST_MS = 2000;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Asks again and again for each symbol. `ask(names, next)` gives trades from number `next` on, or the
 * newest if there is none yet; what it throws is printed, and the loop goes on.
 */
async function poll({ take, tell, ready }, ask) {
  const next = new Map();
  for (;;) {
    for (const names of SYMBOLS) {
      try {
        for (const { id, time, price } of await ask(names, next.get(names))) {
          if (Number(id) < next.get(names)) continue;
          if (next.has(names)) take({ id, symbol: names.own, time, price });
          next.set(names, Number(id) + 1);
        }
      } catch (error) {
        tell(error);
      }
    }
    if (next.size === SYMBOLS.length) ready();
    await sleep(REST_MS);
  }
}

/** What is asked of Binance: the newest trade, or all from a number on. */
const from = (next) => (next === undefined ? { limit: 1 } : { fromId: next, limit: 1000 });
const recordOf = ({ a, T, p }) => ({ id: a, time: T, price: p });

export async function ccxt(here) {
  const { binance } = (await importClient('ccxt')).default;
  const exchange = new binance();
  exchange.urls.api = led(exchange.urls.api, here.http, here.ws);
  // Where its first list of markets is refused, it never asks again unless it is told to.
  while (exchange.markets === undefined) {
    await exchange.loadMarkets(true).catch(here.tell);
    await sleep(REST_MS);
  }
  await poll(here, async (names, next) => {
    const { limit, ...params } = from(next);
    const trades = await exchange.fetchTrades(names.ccxt, undefined, limit, params);
    return trades.map(({ id, timestamp, price }) => ({ id, time: timestamp, price }));
  });
}

export async function mainClient(here) {
  const { MainClient } = await importClient('binance');
  const client = new MainClient({ baseUrl: here.http });
  await poll(here, async ({ binance: symbol }, next) =>
    (await client.getAggregateTrades({ symbol, ...from(next) })).map(recordOf),
  );
}

export async function connectorSpot(here) {
  const { Spot } = defaultOf(await importClient('@binance/connector'));
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const client = new Spot('', '', { baseURL: here.http, logger });
  await poll(here, async ({ binance }, next) =>
    (await client.aggTrades(binance, from(next))).data.map(recordOf),
  );
}

export async function spotRest(here) {
  const { Spot } = await importClient('@binance/spot');
  const client = new Spot({ configurationRestAPI: { apiKey: '', basePath: here.http } });
  await poll(here, async ({ binance: symbol }, next) => {
    const answer = await client.restAPI.aggTrades({ symbol, ...from(next) });
    return (await answer.data()).map(recordOf);
  });
}

export async function binanceApiNode(here) {
  const newClient = defaultOf(await importClient('binance-api-node'));
  const client = newClient({ httpBase: here.http, wsBase: `${here.ws}/ws` });
  await poll(here, async ({ binance: symbol }, next) =>
    (await client.aggTrades({ symbol, ...from(next) })).map(({ aggId, timestamp, price }) => ({
      ...{ id: aggId, time: timestamp, price },
    })),
  );
}

export async function nodeBinanceApi(here) {
  const Binance = defaultOf(await importClient('node-binance-api'));
  const urls = {
    base: `${here.http}/api/`,
    stream: `${here.ws}/ws/`,
    combineStream: `${here.ws}/stream?streams=`,
  };
  const client = new Binance({ urls, log: here.tell });
  await poll(here, async ({ binance }, next) =>
    (await client.aggTrades(binance, from(next))).map(({ a, aggId, T, timestamp, p, price }) => ({
      ...{ id: a ?? aggId, time: T ?? timestamp, price: p ?? price },
    })),
  );
}

/** Trades of Alpaca have times alone to go on from: it asks from the last one on. */
function pollAlpaca(here, ask) {
  const last = new Map();
  return poll(here, async ({ alpaca }, next) => {
    const trades = await ask(alpaca, next === undefined ? undefined : last.get(alpaca));
    const found = trades.filter(({ id }) => next === undefined || Number(id) >= next);
    if (found.length > 0) last.set(alpaca, found.at(-1).time);
    return found;
  });
}

export async function alpaca(here) {
  const { marketData } = defaultOf(await importClient('@alpacahq/alpaca-trade-api'));
  const configuration = new marketData.Configuration({
    ...{ basePath: here.http, keyId: 'any', secret: 'any' },
  });
  const pairs = new marketData.CryptoApi(configuration);
  await pollAlpaca(here, async (symbol, start) => {
    const asked = { loc: 'us', symbols: symbol };
    if (start === undefined) {
      const { trades } = await pairs.cryptoLatestTrades(asked);
      const { i, t, p } = trades[symbol];
      return [{ id: i, time: t, price: p }];
    }
    const { trades } = await pairs.cryptoTrades({ ...asked, start: new Date(start), limit: 1000 });
    return (trades[symbol] ?? []).map(({ i, t, p }) => ({ id: i, time: t, price: p }));
  });
}

export async function alpaca3(here) {
  const Alpaca = defaultOf(await importClient('alpaca-3'));
  const client = new Alpaca({
    ...{ baseUrl: here.http, dataBaseUrl: here.http, keyId: 'any', secretKey: 'any' },
  });
  await pollAlpaca(here, async (symbol, start) => {
    const trades =
      start === undefined
        ? [(await client.getLatestCryptoTrades([symbol])).get(symbol)]
        : ((await client.getCryptoTrades([symbol], { start, limit: 1000 })).get(symbol) ?? []);
    return trades.map(({ ID, Timestamp, Price }) => ({ id: ID, time: Timestamp, price: Price }));
  });
}

/** Node's own: rows by our own protocol, from the last one on. */
export async function plainFetch({ http, take, tell, ready }) {
  const symbols = SYMBOLS.map(({ own }) => own);
  let since;
  const ask = async (path) => {
    const answer = await fetch(http + path);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return await answer.json();
  };
  for (; ; await sleep(REST_MS)) {
    try {
      since ??= (await ask('/v1/market')).head;
      ready();
      const rows = await ask(`/v1/rows?symbols=${symbols}&since=${since}`);
      for (let n = 0; rows.since + n * 1000 < rows.until; n++)
        for (const [column, symbol] of symbols.entries())
          take({ time: rows.since + (n + 1) * 1000, symbol, price: rows.prices[column][n] });
      since = rows.until;
    } catch (error) {
      tell(error);
    }
  }
}

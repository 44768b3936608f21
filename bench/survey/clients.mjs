/** All clients that are surveyed: what each is called, of which package, by which consumer. */
import * as streams from './binance-streams.mjs';
import * as others from './others.mjs';
import * as polling from './polling.mjs';

const trades = { what: 'trades', prices: 'decimal' };
const ticks = { what: 'rows', prices: 'decimal' };
const asking = { ...trades, isAsking: true };
const rows = { what: 'rows', prices: 'ticks' };

/** `library` is that of `test/clients`; without one it is Node's or our own. */
export const CLIENTS = {
  'ccxt-pro': { ...trades, library: 'ccxt', use: '`watchTrades`', follow: streams.ccxtPro },
  binance: { ...trades, library: 'binance', use: '`WebsocketClient`', follow: streams.binance },
  connector: {
    ...{ ...trades, library: '@binance/connector', use: '`WebsocketStream`' },
    follow: streams.binanceConnector,
  },
  spot: {
    ...{ ...trades, library: '@binance/spot', use: '`websocketStreams`' },
    follow: streams.binanceSpot,
  },
  'api-node': {
    ...{ ...trades, library: 'binance-api-node', use: '`ws.trades`' },
    follow: streams.binanceApiNode,
  },
  'node-api': {
    ...{ ...trades, library: 'node-binance-api', use: '`websockets.trades`' },
    follow: streams.nodeBinanceApi,
  },
  deriv: { ...ticks, library: '@deriv/deriv-api', use: '`subscribe`', follow: others.deriv },
  alpaca: {
    ...{ ...trades, library: '@alpacahq/alpaca-trade-api', use: '`CryptoDataStream`' },
    follow: others.alpaca,
  },
  'alpaca-3': {
    ...{ ...trades, library: 'alpaca-3', use: '`crypto_stream_v1beta3`' },
    follow: others.alpaca3,
  },
  ws: { ...trades, use: 'plain `ws`, as Binance streams', follow: streams.plainWs },
  tickwell: { ...rows, use: '`tickwell/client`', follow: others.tickwell },
  'ccxt-rest': { ...asking, library: 'ccxt', use: '`fetchTrades`', follow: polling.ccxt },
  'binance-rest': {
    ...asking,
    library: 'binance',
    use: '`MainClient`',
    follow: polling.mainClient,
  },
  'connector-rest': {
    ...{ ...asking, library: '@binance/connector', use: '`Spot`' },
    follow: polling.connectorSpot,
  },
  'spot-rest': { ...asking, library: '@binance/spot', use: '`restAPI`', follow: polling.spotRest },
  'api-node-rest': {
    ...{ ...asking, library: 'binance-api-node', use: '`aggTrades`' },
    follow: polling.binanceApiNode,
  },
  'node-api-rest': {
    ...{ ...asking, library: 'node-binance-api', use: '`aggTrades`' },
    follow: polling.nodeBinanceApi,
  },
  'alpaca-rest': {
    ...{ ...asking, library: '@alpacahq/alpaca-trade-api', use: '`CryptoApi`' },
    follow: polling.alpaca,
  },
  'alpaca-3-rest': {
    ...{ ...asking, library: 'alpaca-3', use: '`getCryptoTrades`' },
    follow: polling.alpaca3,
  },
  fetch: {
    ...rows,
    isAsking: true,
    use: 'plain `fetch` of `/v1/rows`',
    follow: polling.plainFetch,
  },
};

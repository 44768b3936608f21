/** Consumers of Deriv's and Alpaca's streams, and of our own client. */
import { subscribe } from 'tickwell/client';
import { WebSocket } from 'ws';
import { ownName, SYMBOLS } from './market.mjs';
import { defaultOf, importClient } from './real-client.mjs';

export async function deriv({ ws, take, tell }) {
  Object.assign(globalThis, { WebSocket: globalThis.WebSocket ?? WebSocket });
  const DerivApi = defaultOf(await importClient('@deriv/deriv-api'));
  // What it is given is followed by `websockets/v3`.
  const { basic } = new DerivApi({ endpoint: `${ws}/`, app_id: 1 });
  basic.onClose().subscribe(() => tell('close'));
  basic.onOpen().subscribe(() => tell('open'));
  for (const { deriv: name } of SYMBOLS)
    basic
      .subscribe({ ticks: name })
      .subscribe(
        ({ tick }) =>
          take({ time: 1000 * tick.epoch, symbol: ownName(tick.symbol), price: tick.quote }),
        tell,
      );
}

export async function alpaca({ ws, take, tell }) {
  const { streaming } = defaultOf(await importClient('@alpacahq/alpaca-trade-api'));
  const stream = new streaming.CryptoDataStream({
    credentials: { keyId: 'any', secret: 'any' },
    url: `${ws}/v1beta3/crypto/us`,
  });
  stream.onTrade(({ id, symbol, timestampRaw, price }) =>
    take({ id, symbol: ownName(symbol), time: timestampRaw, price }),
  );
  stream.onError(tell);
  stream.onDisconnect(() => tell('disconnect'));
  stream.onReconnected(() => tell('reconnected'));
  stream.subscribeForTrades(SYMBOLS.map(({ alpaca: pair }) => pair));
  stream.connect();
}

export async function alpaca3({ tls, take, tell }) {
  const Alpaca = defaultOf(await importClient('alpaca-3'));
  const pairs = new Alpaca({ dataStreamUrl: tls, keyId: 'any', secretKey: 'any' })
    .crypto_stream_v1beta3;
  pairs.onCryptoTrade(({ ID, Symbol: name, Timestamp, Price }) =>
    take({ id: ID, symbol: ownName(name), time: Timestamp, price: Price }),
  );
  pairs.onError(tell);
  pairs.onStateChange(tell);
  pairs.onConnect(() => pairs.subscribeForTrades(SYMBOLS.map(({ alpaca: pair }) => pair)));
  pairs.connect();
}

export async function tickwell({ http, take, tell }) {
  const stream = subscribe({
    ...{ url: http, symbols: SYMBOLS.map(({ own }) => own), since: 'now', WebSocket },
    onState: (state) => {
      if ('reason' in state) tell(`${state.kind}: ${state.reason.message}`);
    },
  });
  const record = async () => {
    for await (const rows of stream)
      for (const { time, prices } of rows)
        for (const { own } of SYMBOLS) take({ time, symbol: own, price: prices[own] });
  };
  void record();
}

import type { AssetClass } from '../../../core/market/listing.ts';
import type { Hub } from '../../../delivery/hub.ts';
import type { SocketRoute } from '../../../delivery/socket-route.ts';
import { checkLocation } from '../http/begun.ts';
import type { AlpacaService } from '../limits.ts';
import type { AlpacaSymbols } from '../symbols.ts';
import { AlpacaConnection, goodbyeOf } from './alpaca-connection.ts';
import { AlpacaEncoder } from './alpaca-encoder.ts';
import { CHANNELS } from './channels.ts';
import { codecOf, listOf } from './messages.ts';

/** Feeds of stocks, as clients name them: all have the same here. */
const FEEDS = ['iex', 'sip', 'delayed_sip', 'test'] as const;
const CRYPTO = '/v1beta3/crypto/';
/** A name with its quotes and a comma. */
const NAME_BYTES = 36;
/** Names on each list that one message may hold. */
const MOST_NAMES = 1000;

/** The streams: of stocks, under the name of each feed, and of crypto. */
export function streamRoutes(
  hub: Hub,
  service: AlpacaService,
  symbols: AlpacaSymbols,
): readonly SocketRoute[] {
  const { market, timeline } = service.feed;
  const names = CHANNELS.length * Math.min(MOST_NAMES, market.instruments.length);
  const encoders = {
    json: new AlpacaEncoder(timeline, symbols, 'json'),
    msgpack: new AlpacaEncoder(timeline, symbols, 'msgpack'),
  };
  const route = (path: string, kind: AssetClass): SocketRoute => ({
    path,
    maxMessageBytes: service.limits.maxPayloadBytes + names * NAME_BYTES,
    goodbye: (bye, request) => listOf(codecOf(request), goodbyeOf(bye)),
    open(opened) {
      const codec = codecOf(opened.request);
      const parts = { hub, service, symbols, kind, codec, encoder: encoders[codec] };
      return new AlpacaConnection(parts, opened);
    },
  });
  return [
    ...FEEDS.map((feed) => route(`/v2/${feed}`, 'stock')),
    {
      ...route(`${CRYPTO}:loc`, 'crypto'),
      check: ({ url = '' }) => checkLocation(locationOf(url)),
    },
  ];
}

/** What stands in the path of a stream of crypto. */
function locationOf(url: string): string {
  return url.slice(url.indexOf(CRYPTO) + CRYPTO.length).split('?')[0] ?? '';
}

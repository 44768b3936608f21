import type { IncomingMessage } from 'node:http';
import type { Opened, SocketRoute } from '../../../delivery/socket-route.ts';
import { payWork } from '../../../host/budgets/work.ts';
import type { BinanceParts } from '../parts.ts';
import { type TimeUnit, timeUnitOf } from '../time-unit.ts';
import { StreamConnection } from './stream-connection.ts';
import { followingCost, tooManyStreams } from './stream-limits.ts';
import { type Stream, Streams } from './streams.ts';

/** Where messages are payloads alone; some clients have the second for their base. */
const RAW = ['/ws', '/ws/*', '/stream/ws', '/stream/ws/*'] as const;
const RAW_PREFIX = /^(?:\/stream)?\/ws\/?/;
/** What the longest name of a stream takes in a list. */
const NAME_BYTES = 48;
/** Where they say of which stream they are. */
const COMBINED = '/stream';

/** What a client wants as it connects. */
interface Asked {
  readonly names: readonly string[];
  readonly isCombined: boolean;
  readonly unit: TimeUnit;
}

/** Where streams are followed. */
export function streamRoutes(parts: BinanceParts): readonly SocketRoute[] {
  const streams = new Streams(parts);
  const { limits } = parts.service;
  const route = (path: string): SocketRoute => ({
    path,
    maxMessageBytes: limits.maxPayloadBytes + limits.maxBinanceStreams * NAME_BYTES,
    check: (request) => checkAsked(parts, streams, request),
    open: (opened: Opened) => {
      const { names, unit, isCombined } = askedOf(opened.request);
      const followed = streamsOf(streams, names);
      return new StreamConnection(opened, { parts, streams, unit, isCombined, followed });
    },
  });
  return [...RAW, COMBINED].map(route);
}

/** Throws what is wrong with what a client wants as it connects, once that is paid for. */
function checkAsked(parts: BinanceParts, streams: Streams, request: IncomingMessage): void {
  const { service, access } = parts;
  const { names } = askedOf(request);
  const address = service.addresses.of(access.addressOf(request));
  payWork(service, address, followingCost(names.length));
  const followed = streamsOf(streams, names);
  const { maxBinanceStreams } = service.limits;
  if (followed.length > maxBinanceStreams) {
    throw tooManyStreams(maxBinanceStreams, followed.length);
  }
  payWork(service, address, streams.costOf(followed));
}

/** Those that there are, each once: clients also connect to `/ws/0` and ask for theirs later. */
function streamsOf(streams: Streams, names: readonly string[]): readonly Stream[] {
  return [...new Set(names)].flatMap((name) => streams.find(name) ?? []);
}

/** Throws a `BinanceError` if times are wanted in a unit that there is not. */
function askedOf({ url = '' }: IncomingMessage): Asked {
  const [path = '', query = ''] = url.split('?', 2);
  const parameters = new Map<string, string>();
  for (const part of query.split('&')) {
    const at = part.indexOf('=');
    // A plus sign is itself: names of streams have one.
    if (at > 0) parameters.set(part.slice(0, at), meant(part.slice(at + 1)));
  }
  const isCombined = path === COMBINED;
  const text = isCombined ? (parameters.get('streams') ?? '') : meant(path).replace(RAW_PREFIX, '');
  const names = text === '' ? [] : text.split('/');
  return { names, isCombined, unit: timeUnitOf('timeUnit', parameters.get('timeUnit')) };
}

/** A text of an address as it is meant; nothing, if it means nothing. */
function meant(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

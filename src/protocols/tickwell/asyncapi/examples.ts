import type { ServerMessage } from '../../../wire/messages.ts';
import type { ClientMessage } from '../../../wire/requests.ts';
import { toldLimits } from '../limits.ts';
import type { Documented } from './document.ts';

/**
 * A real conversation with the market that is served without options, on 2026-01-31, 12:00; the
 * request that is answered with the error is left out, so that nobody takes it for an example.
 */
export function conversation(service: Documented): readonly (ClientMessage | ServerMessage)[] {
  const { limits, version } = service;
  const told = toldLimits(service).map(({ name, value }) => [name, value]);
  return [
    {
      type: 'hello',
      market: 'bec35eb549b8a95b',
      version,
      origin: 1_767_225_600_000,
      interval: 1000,
      head: 1_769_860_805_000,
      now: 1_769_860_805_250,
      speed: 1,
      heartbeat: limits.heartbeatMs,
      limits: Object.fromEntries(told),
    },
    {
      type: 'subscribe',
      id: 2,
      symbols: ['ticker_07', 'ticker_00'],
      since: 1_769_860_802_000,
    },
    {
      type: 'subscribed',
      id: 2,
      market: 'bec35eb549b8a95b',
      symbols: ['ticker_07', 'ticker_00'],
      since: 1_769_860_802_000,
    },
    {
      type: 'rows',
      id: 2,
      since: 1_769_860_802_000,
      until: 1_769_860_805_000,
      lag: 0,
      prices: [
        [21_409, 21_408, 21_407],
        [21_966, 21_967, 21_968],
      ],
    },
    {
      type: 'rows',
      id: 2,
      since: 1_769_860_805_000,
      until: 1_769_860_806_000,
      lag: 0,
      prices: [[21_408], [21_969]],
    },
    {
      type: 'heartbeat',
      now: 1_769_860_806_250,
      speed: 1,
      head: 1_769_860_806_000,
      subscriptions: { '2': 1_769_860_806_000 },
    },
    { type: 'unsubscribe', id: 2 },
    { type: 'unsubscribed', id: 2, until: 1_769_860_806_000 },
    {
      type: 'fetch',
      id: 3,
      symbols: ['ticker_07'],
      since: '2026-01-31T12:00:00Z',
      limit: 2,
    },
    {
      type: 'rows',
      id: 3,
      since: 1_769_860_800_000,
      until: 1_769_860_802_000,
      lag: 4,
      prices: [[21_411, 21_410]],
    },
    {
      type: 'candles',
      id: 4,
      symbol: 'ticker_07',
      resolution: '1h',
      from: '2026-01-31T10:30:00Z',
      count: 2,
    },
    {
      type: 'candles',
      id: 4,
      market: 'bec35eb549b8a95b',
      symbol: 'ticker_07',
      resolution: '1h',
      time: [1_769_853_600_000, 1_769_857_200_000],
      open: [21_392, 21_380],
      high: [21_418, 21_421],
      low: [21_347, 21_332],
      close: [21_379, 21_413],
      closed: 2,
      until: 1_769_860_799_000,
    },
    { type: 'ping', id: 5 },
    { type: 'pong', id: 5, now: 1_769_860_806_250, speed: 1 },
    { type: 'clock', now: 1_769_860_806_250, speed: 60 },
    {
      type: 'subscribe',
      id: 6,
      symbols: ['ticker_07'],
      since: 1_769_860_800_000,
      delivery: 'latest',
      market: 'bec35eb549b8a95b',
    },
    {
      type: 'subscribed',
      id: 6,
      market: 'bec35eb549b8a95b',
      symbols: ['ticker_07'],
      since: 1_769_860_800_000,
    },
    {
      type: 'skipped',
      id: 6,
      since: 1_769_860_800_000,
      until: 1_769_860_805_000,
      rows: 5,
    },
    {
      type: 'rows',
      id: 6,
      since: 1_769_860_805_000,
      until: 1_769_860_806_000,
      lag: 0,
      prices: [[21_408]],
    },
    { type: 'market', id: 6, market: '4d13156d43f1e2d8', since: 1_769_860_806_000 },
    ...CANDLES,
    ...BOOKS,
    ...TRADES,
    BAD_CURSOR,
    { type: 'bye', code: 4000, reason: 'shutting down', retryAfterMs: 628 },
  ];
}

const CANDLES = [
  {
    type: 'subscribe',
    id: 9,
    symbols: ['ticker_07'],
    resolution: '1m',
    since: 1_769_860_739_000,
  },
  {
    type: 'subscribed',
    id: 9,
    market: 'bec35eb549b8a95b',
    symbols: ['ticker_07'],
    resolution: '1m',
    since: 1_769_860_739_000,
  },
  {
    type: 'candles',
    id: 9,
    since: 1_769_860_739_000,
    until: 1_769_860_799_000,
    lag: 7,
    time: [1_769_860_740_000],
    open: [[21_402]],
    high: [[21_414]],
    low: [[21_402]],
    close: [[21_413]],
    final: true,
  },
  {
    type: 'candles',
    id: 9,
    since: 1_769_860_799_000,
    until: 1_769_860_806_000,
    lag: 0,
    time: [1_769_860_800_000],
    open: [[21_412]],
    high: [[21_412]],
    low: [[21_407]],
    close: [[21_408]],
    final: false,
  },
] as const;

const BOOKS = [
  {
    type: 'subscribe',
    id: 10,
    what: 'depth',
    symbols: ['ticker_90'],
    levels: 4,
    since: 'now',
  },
  {
    type: 'subscribed',
    id: 10,
    market: 'bec35eb549b8a95b',
    symbols: ['ticker_90'],
    what: 'depth',
    levels: 4,
    since: 1_769_860_806_000,
  },
  {
    type: 'depth',
    id: 10,
    since: 1_769_860_806_000,
    until: 1_769_860_806_000,
    lag: 0,
    snapshot: true,
    bids: [
      [
        [45_365, 32],
        [45_363, 86],
        [45_362, 46],
        [45_361, 19],
      ],
    ],
    asks: [
      [
        [45_366, 29],
        [45_367, 32],
        [45_368, 1],
        [45_369, 9],
      ],
    ],
  },
  {
    type: 'subscribe',
    id: 11,
    what: 'depth',
    symbols: ['ticker_90'],
    levels: 4,
    since: 1_769_860_805_000,
  },
  {
    type: 'subscribed',
    id: 11,
    market: 'bec35eb549b8a95b',
    symbols: ['ticker_90'],
    what: 'depth',
    levels: 4,
    since: 1_769_860_805_000,
  },
  {
    type: 'depth',
    id: 11,
    since: 1_769_860_805_000,
    until: 1_769_860_806_000,
    lag: 0,
    snapshot: false,
    bids: [[[45_361, 19]]],
    asks: [
      [
        [45_366, 29],
        [45_369, 9],
        [45_370, 0],
      ],
    ],
  },
] as const;

const TRADES = [
  {
    type: 'subscribe',
    id: 12,
    what: 'trades',
    symbols: ['ticker_07', 'ticker_00'],
    since: 1_769_860_805_000,
  },
  {
    type: 'subscribed',
    id: 12,
    market: 'bec35eb549b8a95b',
    what: 'trades',
    symbols: ['ticker_07', 'ticker_00'],
    since: 1_769_860_805_000,
  },
  {
    type: 'trades',
    id: 12,
    since: 1_769_860_805_000,
    until: 1_769_860_806_000,
    lag: 0,
    first: [5_256_303, 5_272_143],
    time: [
      [
        1_769_860_806_158.368, 1_769_860_806_467.517, 1_769_860_806_618.579, 1_769_860_806_619.025,
        1_769_860_806_941.902,
      ],
      [1_769_860_806_924.019],
    ],
    price: [[21_408, 21_408, 21_408, 21_408, 21_408], [21_969]],
    lots: [[8, 3, 3, 18, 14], [3]],
    side: [[1, 1, 1, 1, 1], [1]],
  },
] as const;

const BAD_CURSOR = {
  type: 'error',
  id: 7,
  code: 'bad_cursor',
  message:
    'since must be the time of a row, 1767225600000 plus a multiple of 1000; given: 1769860800001',
  origin: 1_767_225_600_000,
  interval: 1000,
} as const;

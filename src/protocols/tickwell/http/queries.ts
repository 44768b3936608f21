import { type Static, Type } from 'typebox';
import { CANDLE_FIELDS, FIELDS } from '../../../core/market/fields.ts';
import {
  DEFAULT_NOTATION,
  type Notation,
  PRICE_NOTATIONS,
  TIME_NOTATIONS,
} from '../../../wire/notation.ts';
import { DEFAULT_LEVELS, MAX_LEVELS } from '../depth.ts';
import {
  CANDLES_FORMATS,
  DEPTH_FORMATS,
  LATEST_FORMATS,
  REALISM_FORMATS,
  ROWS_FORMATS,
  STRIKES_FORMATS,
  TRADES_FORMATS,
} from '../formats/format.ts';
import { LATEST_FIELDS } from '../formats/latest.ts';
import type { Limits } from '../limits.ts';

/** The queries of `/v1` as schemas: what is checked is what the OpenAPI text says. */

const MAX = Number.MAX_SAFE_INTEGER;

const Market = Type.Optional(
  Type.String({
    description:
      'The market id the request is meant for. Another one is answered with market_changed; the ' +
      'right one makes the answer to a range that is over cacheable for ever.',
  }),
);
const Symbols = Type.Optional(
  Type.String({
    description: 'Symbols with commas between; absent or * for all.',
    examples: ['ticker_00,ticker_07'],
  }),
);
/** Of rows. */
export const FIELDS_TEXT = `Some of ${FIELDS.join(', ')}, with commas between; absent for last.`;
const Fields = Type.Optional(Type.String({ description: FIELDS_TEXT, examples: ['last,bid,ask'] }));
const CandleFields = Type.Optional(
  Type.String({
    description: `Some of ${CANDLE_FIELDS.join(', ')}, with commas between: sums of the rows.`,
    examples: ['volume,trades'],
  }),
);
export const Time = (description: string, example: string) =>
  Type.Optional(Type.String({ description, examples: [example] }));
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));
const formatOf = <F extends string>(formats: readonly [F, ...F[]]) =>
  Type.Optional(
    Type.Enum(formats, {
      type: 'string',
      description: 'How the answer is written; without it, Accept chooses.',
    }),
  );

export const Zone = Type.Optional(
  Type.String({
    description: 'The zone whose wall clock cuts candles, as the IANA calls it; absent for UTC.',
    examples: ['America/New_York'],
  }),
);
export const Offset = Type.Optional(
  Type.String({
    description: 'Instead of tz: a clock so far ahead of UTC all year, such as -5h or 5h30m.',
    examples: ['-5h'],
  }),
);
const Prices = Type.Optional(
  Type.Enum(PRICE_NOTATIONS, {
    type: 'string',
    description: 'Prices as whole ticks, or as decimals: ticks * tickSize. Not in bin.',
    default: DEFAULT_NOTATION.prices,
  }),
);
const Times = Type.Optional(
  Type.Enum(TIME_NOTATIONS, {
    type: 'string',
    description:
      'Times as milliseconds since 1970, or as text like 2026-01-31T12:00:00.000Z. Not in bin.',
    default: DEFAULT_NOTATION.time,
  }),
);

export const MarketQuery = Type.Object({ market: Market });

export const RowsQuery = Type.Object({
  symbols: Symbols,
  fields: Fields,
  since: Time('Time of the last row you have, or now. Rows after it are answered.', 'now'),
  until: Time('Time of the last row you want; absent for the newest.', '2026-01-01T00:01:00Z'),
  limit: whole(1, MAX, 'The most rows to answer; the next call goes on from until.'),
  last: whole(1, MAX, 'The newest so many rows, instead of since, until and limit.'),
  whole: Type.Optional(
    Type.Boolean({
      description:
        'Whether all rows are answered, however many, as they are made: not in json, bin.',
    }),
  ),
  format: formatOf(ROWS_FORMATS),
  prices: Prices,
  time: Times,
  market: Market,
});

export const tradesQuery = ({ maxTradesPerAnswer }: Limits) =>
  Type.Object({
    symbol: Type.String({ description: 'One symbol.', examples: ['ticker_07'] }),
    fromId: whole(0, MAX, 'The number of the first trade wanted, from 0: nextId of an answer.'),
    since: Time('Instead of it: time of the last row you have the trades of, or now.', 'now'),
    last: whole(1, MAX, `Instead: the newest so many trades, at most ${maxTradesPerAnswer}.`),
    until: Time('Time of the last row whose trades you want.', '2026-01-01T00:01:00Z'),
    limit: whole(1, MAX, `The most trades to answer, if fewer than ${maxTradesPerAnswer}.`),
    format: formatOf(TRADES_FORMATS),
    prices: Prices,
    time: Times,
    market: Market,
  });

const mostOf = (candles: number) => `Of one symbol at most ${candles}.`;

export const candlesQuery = ({ maxCandlesPerAnswer }: Limits) =>
  Type.Object({
    symbol: Type.Optional(
      Type.String({ description: 'One symbol; or symbols.', examples: ['ticker_07'] }),
    ),
    symbols: Type.Optional(
      Type.String({
        description: 'Instead of symbol: several, with commas between; * for all.',
        examples: ['ticker_00,ticker_07'],
      }),
    ),
    resolution: Type.String({
      description: 'Such as 1s, 15m, 4h, 1d, 1w, 1mo, 1y: at least the interval.',
      examples: ['1m'],
    }),
    tz: Zone,
    offset: Offset,
    from: Time('A time in the first candle.', '2026-01-01T00:00:00Z'),
    to: Time('A time after the start of the last candle; not itself included.', '2026-01-02'),
    count: whole(1, MAX, `How many candles, instead of to. ${mostOf(maxCandlesPerAnswer)}`),
    last: whole(
      1,
      MAX,
      `The newest so many candles, instead of from. ${mostOf(maxCandlesPerAnswer)}`,
    ),
    whole: Type.Optional(
      Type.Boolean({
        description: 'Whether all candles of symbols are answered, however many, as they are made.',
      }),
    ),
    held: Type.Optional(
      Type.Boolean({
        description:
          'false leaves out candles of rows alone that are closed or halted; of several symbols, ' +
          'those of each: where another has one at that time, JSON says null.',
      }),
    ),
    fields: CandleFields,
    format: formatOf(CANDLES_FORMATS),
    prices: Prices,
    time: Times,
    market: Market,
  });

const FLAT: Notation = { prices: 'decimal', time: 'iso' };

export const LatestQuery = Type.Object({
  symbols: Symbols,
  fields: Type.Optional(
    Type.String({
      description:
        `Some of ${LATEST_FIELDS.join(', ')}, answered in the order in which they are named; ` +
        'absent for all but bid, ask and status.',
      examples: ['symbol,last,changePercent'],
    }),
  ),
  format: formatOf(LATEST_FORMATS),
  prices: Type.Optional(
    Type.Enum(PRICE_NOTATIONS, {
      type: 'string',
      description: 'Prices as decimals, or as whole ticks.',
      default: FLAT.prices,
    }),
  ),
  time: Type.Optional(
    Type.Enum(TIME_NOTATIONS, {
      type: 'string',
      description: 'The time as text like 2026-01-31T12:00:00.000Z, or as milliseconds since 1970.',
      default: FLAT.time,
    }),
  ),
  market: Market,
});

export const DepthQuery = Type.Object({
  symbol: Type.String({ description: 'One symbol.', examples: ['ticker_07'] }),
  at: Time('Time of the row whose book is wanted; absent for the newest.', '2026-01-01T00:01:00Z'),
  levels: Type.Integer({
    minimum: 1,
    maximum: MAX_LEVELS,
    default: DEFAULT_LEVELS,
    description: 'The most levels a side, the best ones first.',
  }),
  format: formatOf(DEPTH_FORMATS),
  prices: Prices,
  time: Times,
  market: Market,
});

export const sparklinesQuery = ({ maxSparklinePoints }: Limits) =>
  Type.Object({
    symbols: Symbols,
    points: Type.Integer({ minimum: 2, maximum: maxSparklinePoints, default: 48 }),
    span: Type.Integer({
      minimum: 1,
      maximum: 366 * 86_400_000,
      default: 86_400_000,
      description: 'Milliseconds before the head that the line covers.',
    }),
    market: Market,
  });

export const realismQuery = ({ maxRealismRows }: Limits) =>
  Type.Object({
    symbol: Type.String({ examples: ['ticker_07'] }),
    rows: Type.Integer({
      minimum: 1000,
      maximum: maxRealismRows,
      default: Math.min(maxRealismRows, 2 ** 18),
      description: 'How many of the newest rows to look at.',
    }),
    years: Type.Integer({
      minimum: 0,
      maximum: 10,
      default: 4,
      description: 'How many years of the newest days to look at; 0 for none.',
    }),
    format: formatOf(REALISM_FORMATS),
    market: Market,
  });

export const faultsQuery = ({ maxStrikesPerAnswer }: Limits) =>
  Type.Object({
    faults: Type.Optional(
      Type.String({
        description: 'The profile: clauses or names, with commas between.',
        examples: ['drop@1%,cut@30s', 'flaky-wifi'],
      }),
    ),
    faultSeed: Type.Optional(
      Type.String({
        description: 'What strikes are drawn by: 0 to 2^53 - 1; absent for 1.',
        examples: ['7'],
      }),
    ),
    symbols: Symbols,
    since: Time('Time of the last row you know of, or now. Rows after it are looked at.', 'now'),
    until: Time('Time of the last row to look at, which may be to come.', '2026-01-01T00:01:00Z'),
    limit: whole(1, MAX, `The most strikes to answer, if fewer than ${maxStrikesPerAnswer}.`),
    format: formatOf(STRIKES_FORMATS),
    time: Times,
    market: Market,
  });

export type MarketQuery = Static<typeof MarketQuery>;
export type RowsQuery = Static<typeof RowsQuery>;
export type TradesQuery = Static<ReturnType<typeof tradesQuery>>;
export type CandlesQuery = Static<ReturnType<typeof candlesQuery>>;
export type DepthQuery = Static<typeof DepthQuery>;
export type LatestQuery = Static<typeof LatestQuery>;
export type RealismQuery = Static<ReturnType<typeof realismQuery>>;
export type FaultsQuery = Static<ReturnType<typeof faultsQuery>>;
export type SparklinesQuery = Static<ReturnType<typeof sparklinesQuery>>;

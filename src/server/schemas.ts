import { type Static, type TObject, Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../wire/errors.ts';
import type { Limits } from './limits.ts';

/** The queries and answers of `/v1` as schemas: what is checked is what the OpenAPI text says. */

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
const Time = (description: string, example: string) =>
  Type.Optional(Type.String({ description, examples: [example] }));
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));

const RowsQuery = Type.Object({
  symbols: Symbols,
  since: Time('Time of the last row you have, or now. Rows after it are answered.', 'now'),
  until: Time('Time of the last row you want; absent for the newest.', '2026-01-01T00:01:00Z'),
  limit: whole(1, MAX, 'The most rows to answer; the next call goes on from until.'),
  last: whole(1, MAX, 'The newest so many rows, instead of since.'),
  market: Market,
});

const candlesQuery = ({ maxCandlesPerAnswer }: Limits) =>
  Type.Object({
    symbol: Type.String({ examples: ['ticker_07'] }),
    resolution: Type.String({ description: 'Such as 1s, 15m, 4h, 1d, 1w.', examples: ['1m'] }),
    from: Time('A time in the first candle.', '2026-01-01T00:00:00Z'),
    to: Time('A time after the start of the last candle; not itself included.', '2026-01-02'),
    count: whole(1, maxCandlesPerAnswer, 'How many candles, instead of to.'),
    last: whole(1, maxCandlesPerAnswer, 'The newest so many candles, instead of from.'),
    market: Market,
  });

const sparklinesQuery = ({ maxSparklinePoints }: Limits) =>
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

/** The queries of a server with these limits. */
export function queries(limits: Limits) {
  return {
    rows: RowsQuery,
    candles: candlesQuery(limits),
    sparklines: sparklinesQuery(limits),
  };
}

export type RowsQuery = Static<typeof RowsQuery>;
export type CandlesQuery = Static<ReturnType<typeof candlesQuery>>;
export type SparklinesQuery = Static<ReturnType<typeof sparklinesQuery>>;

const Ms = (description: string) => Type.Integer({ description: `${description} (ms since 1970)` });
const Ticks = Type.Array(Type.Integer());

export const MarketAnswer = Type.Object({
  market: Type.String({ description: 'The market id: equal ids, equal prices.' }),
  version: Type.String(),
  origin: Ms('Time of row 0'),
  interval: Type.Integer({ description: 'Milliseconds between rows.' }),
  dtype: Type.String(),
  capacity: Type.Integer({ description: 'Rows held in memory; older ones are regenerated.' }),
  earliest: Ms('Time of the oldest row'),
  head: Ms('Time of the newest row'),
  now: Ms("The server's clock"),
  instruments: Type.Array(
    Type.Object({
      symbol: Type.String(),
      name: Type.String(),
      model: Type.String(),
      tickSize: Type.Number({ description: 'price = ticks * tickSize' }),
      decimals: Type.Integer(),
      min: Type.Integer({ description: 'Lowest price, in ticks.' }),
      max: Type.Integer({ description: 'Highest price, in ticks.' }),
    }),
  ),
});

export const RowsAnswer = Type.Object({
  market: Type.String(),
  interval: Type.Integer(),
  since: Ms('Time of the row before the first here'),
  until: Ms('Time of the last row here: the next since'),
  head: Type.Optional(Ms('Time of the newest row; absent if until was named and is over')),
  symbols: Type.Array(Type.String()),
  prices: Type.Array(Ticks, { description: 'prices[column][row], in ticks.' }),
});

export const CandlesAnswer = Type.Object({
  market: Type.String(),
  symbol: Type.String(),
  resolution: Type.String(),
  time: Type.Array(Ms('Start of a candle')),
  open: Ticks,
  high: Ticks,
  low: Ticks,
  close: Ticks,
  closed: Type.Integer({ description: 'How many of them are final.' }),
});

export const SparklinesAnswer = Type.Object({
  market: Type.String(),
  span: Type.Integer(),
  time: Type.Array(Ms('Time of a point')),
  symbols: Type.Array(Type.String()),
  prices: Type.Array(Ticks, { description: 'prices[column][point], in ticks.' }),
});

export const ErrorAnswer = Type.Object({
  error: Type.Object(
    {
      code: Type.String({ enum: Object.keys(ERRORS) as ErrorCode[] }),
      message: Type.String({ description: 'One sentence: field, rule, what was given.' }),
    },
    { additionalProperties: true },
  ),
});

/** The answers of a route, as OpenAPI wants them. */
export function answers(ok: TObject): Record<string, TObject> {
  return { 200: ok, '4xx': ErrorAnswer, '5xx': ErrorAnswer };
}

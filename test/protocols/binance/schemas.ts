import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** Every answer of REST, as its clients' documents have it: nothing else stands in any. */

const whole = Type.Integer();
const DECIMAL = Type.String({ pattern: '^\\d+\\.\\d{8,12}$' });
const time = Type.Integer({ minimum: 0 });
// biome-ignore lint/suspicious/noExplicitAny: whatever may stand in an object.
const exactly = (properties: any) => Type.Object(properties, { additionalProperties: false });
const level = Type.Tuple([DECIMAL, DECIMAL]);

const trade = exactly({
  id: whole,
  price: DECIMAL,
  qty: DECIMAL,
  quoteQty: DECIMAL,
  time,
  isBuyerMaker: Type.Boolean(),
  isBestMatch: Type.Boolean(),
});

const kline = Type.Tuple([
  ...[time, DECIMAL, DECIMAL, DECIMAL, DECIMAL, DECIMAL, time, DECIMAL, whole],
  ...[DECIMAL, DECIMAL, Type.Literal('0')],
]);

const price = exactly({ symbol: Type.String(), price: DECIMAL });
const bookTicker = exactly({
  symbol: Type.String(),
  bidPrice: DECIMAL,
  bidQty: DECIMAL,
  askPrice: DECIMAL,
  askQty: DECIMAL,
});

const SIGNED = Type.String({ pattern: '^-?\\d+\\.\\d{8,12}$' });
const spanned = {
  ...{ symbol: Type.String(), openPrice: DECIMAL, highPrice: DECIMAL, lowPrice: DECIMAL },
  ...{ lastPrice: DECIMAL, volume: DECIMAL, quoteVolume: DECIMAL },
  ...{ openTime: time, closeTime: time, firstId: whole, lastId: whole, count: time },
};
const changed = {
  ...spanned,
  priceChange: SIGNED,
  priceChangePercent: Type.String({ pattern: '^-?\\d+\\.\\d{3}$' }),
  weightedAvgPrice: DECIMAL,
};
const dayTicker = exactly({
  ...changed,
  ...{ prevClosePrice: DECIMAL, lastQty: DECIMAL },
  ...{ bidPrice: DECIMAL, bidQty: DECIMAL, askPrice: DECIMAL, askQty: DECIMAL },
});

export const SCHEMAS = {
  dayTicker,
  dayTickers: Type.Array(dayTicker),
  miniTicker: exactly(spanned),
  miniTickers: Type.Array(exactly(spanned)),
  ticker: exactly(changed),
  tickers: Type.Array(exactly(changed)),
  ping: exactly({}),
  time: exactly({ serverTime: time }),
  depth: exactly({ lastUpdateId: whole, bids: Type.Array(level), asks: Type.Array(level) }),
  trades: Type.Array(trade),
  aggTrades: Type.Array(
    exactly({
      ...{ a: whole, p: DECIMAL, q: DECIMAL, f: whole, l: whole, T: time },
      ...{ m: Type.Boolean(), M: Type.Boolean() },
    }),
  ),
  klines: Type.Array(kline),
  avgPrice: exactly({ mins: Type.Literal(5), price: DECIMAL, closeTime: time }),
  price,
  prices: Type.Array(price),
  bookTicker,
  bookTickers: Type.Array(bookTicker),
  error: exactly({ code: Type.Integer({ maximum: -1000 }), msg: Type.String({ minLength: 5 }) }),
  exchangeInfo: exactly({
    timezone: Type.Literal('UTC'),
    serverTime: time,
    rateLimits: Type.Array(
      exactly({
        ...{ rateLimitType: Type.String(), interval: Type.Literal('MINUTE') },
        ...{ intervalNum: whole, limit: whole },
      }),
    ),
    exchangeFilters: Type.Array(Type.Never()),
    symbols: Type.Array(Type.Object({ symbol: Type.String({ pattern: '^[A-Z0-9]{2,20}$' }) })),
  }),
} as const;

/** What a value breaks of a schema: nothing, as a rule. */
export function problemsOf(name: keyof typeof SCHEMAS, value: unknown): readonly unknown[] {
  return [...Value.Errors(SCHEMAS[name], value)];
}

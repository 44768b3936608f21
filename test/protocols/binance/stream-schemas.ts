import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { expect } from 'vitest';

/** What each stream tells, to the last field, as its documents and clients have it. */

const PRICE = Type.String({ pattern: '^\\d+\\.\\d{8,}$' });
const LOTS = Type.String({ pattern: '^\\d+\\.0{8}$' });
const WHOLE = Type.Integer({ minimum: 0 });
const TIME = Type.Integer({ minimum: 1_000_000_000_000 });
const SYMBOL = Type.String({ pattern: '^[A-Z0-9]{2,20}$' });
const LEVEL = Type.Tuple([PRICE, LOTS]);
const SIDE = Type.Array(LEVEL);

const closed = (properties: Record<string, TSchema>) =>
  Type.Object(properties, { additionalProperties: false });

const TRADE = {
  ...{ E: TIME, s: SYMBOL, p: PRICE, q: LOTS, T: TIME, m: Type.Boolean() },
  M: Type.Literal(true),
};
const NUMBER = Type.Integer({ minimum: -1 });
const SIGNED = Type.String({ pattern: '^-?\\d+\\.\\d{3,}$' });
const MINI = { E: TIME, s: SYMBOL, c: PRICE, o: PRICE, h: PRICE, l: PRICE, v: LOTS, q: PRICE };
const SPAN = {
  ...{ ...MINI, p: SIGNED, P: SIGNED, w: PRICE },
  ...{ O: TIME, C: TIME, F: NUMBER, L: NUMBER, n: WHOLE },
};
const miniTicker = closed({ e: Type.Literal('24hrMiniTicker'), ...MINI });
const span = (width: string) => closed({ e: Type.Literal(`${width}Ticker`), ...SPAN });

export const PAYLOADS = {
  trade: closed({ e: Type.Literal('trade'), t: WHOLE, ...TRADE }),
  aggTrade: closed({ e: Type.Literal('aggTrade'), a: WHOLE, f: WHOLE, l: WHOLE, ...TRADE }),
  kline: closed({
    ...{ e: Type.Literal('kline'), E: TIME, s: SYMBOL },
    k: closed({
      ...{ t: TIME, T: TIME, s: SYMBOL, i: Type.String(), f: NUMBER, L: NUMBER },
      ...{ o: PRICE, c: PRICE, h: PRICE, l: PRICE, v: LOTS, n: WHOLE, x: Type.Boolean() },
      ...{ q: PRICE, V: LOTS, Q: PRICE, B: Type.Literal('0') },
    }),
  }),
  depth: closed({
    ...{ e: Type.Literal('depthUpdate'), E: TIME, s: SYMBOL, U: WHOLE, u: WHOLE },
    ...{ b: SIDE, a: SIDE },
  }),
  partial: closed({ lastUpdateId: WHOLE, bids: SIDE, asks: SIDE }),
  miniTicker,
  ticker: closed({
    ...{ e: Type.Literal('24hrTicker'), ...SPAN },
    ...{ x: PRICE, Q: LOTS, b: PRICE, B: LOTS, a: PRICE, A: LOTS },
  }),
  avgPrice: closed({
    ...{
      e: Type.Literal('avgPrice'),
      E: TIME,
      s: SYMBOL,
      i: Type.Literal('5m'),
      w: PRICE,
      T: TIME,
    },
  }),
  ticker_1h: span('1h'),
  ticker_4h: span('4h'),
  ticker_1d: span('1d'),
  bookTicker: closed({ u: WHOLE, s: SYMBOL, b: PRICE, B: LOTS, a: PRICE, A: LOTS }),
} as const;

export type Kind = keyof typeof PAYLOADS;

/** Fails if a payload is not what streams of its kind tell. */
export function expectPayload(kind: Kind, payload: unknown): void {
  expect([kind, payload, ...Value.Errors(PAYLOADS[kind], payload)]).toEqual([kind, payload]);
}

import { Ajv } from 'ajv';
import formats from 'ajv-formats';

/** What answers and messages say, as Alpaca's documents and its own clients have it. */

const number = { type: 'number' };
const whole = { type: 'integer', minimum: 0 };
/** RFC 3339 in UTC, as fine as a nanosecond. */
const time = {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$',
};
const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text };

function object(properties: Readonly<Record<string, object>>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

const list = (items: object) => ({ type: 'array', items });
const byName = (items: object) => ({ type: 'object', additionalProperties: items });
const token = { type: ['string', 'null'] };

const bar = { t: time, o: number, h: number, l: number, c: number, v: whole, n: whole, vw: number };
const stockTrade = { t: time, x: text, p: number, s: whole, c: texts, i: whole, z: text };
const pairTrade = { t: time, p: number, s: whole, i: whole, tks: { enum: ['B', 'S'] } };
const stockQuote = {
  ...{ t: time, ax: text, ap: number, as: whole, bx: text, bp: number, bs: whole },
  ...{ c: texts, z: text },
};
const pairQuote = { t: time, ap: number, as: whole, bp: number, bs: whole };
const level = object({ p: number, s: whole });
const book = { t: time, a: list(level), b: list(level) };

const OF = {
  stock: { bars: bar, trades: stockTrade, quotes: stockQuote },
  crypto: { bars: bar, trades: pairTrade, quotes: pairQuote },
};

type Kind = keyof typeof OF;
type Name = 'bars' | 'trades' | 'quotes';

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
formats.default(ajv);

const single = (kind: Kind, name: Name) => object(OF[kind][name]);

/** A page of several symbols. */
export const pages = (kind: Kind, name: Name) =>
  ajv.compile(object({ [name]: byName(list(single(kind, name))), next_page_token: token }));

/** A page of one. */
export const page = (name: Name) =>
  ajv.compile(
    object({ [name]: list(single('stock', name)), symbol: text, next_page_token: token }),
  );

export const latest = (kind: Kind, name: Name) =>
  ajv.compile(object({ [name]: byName(single(kind, name)) }));

export const latestOne = (name: Name) =>
  ajv.compile(object({ symbol: text, [name.slice(0, -1)]: single('stock', name) }));

export const orderbooks = ajv.compile(object({ orderbooks: byName(object(book)) }));

const snapshot = (kind: Kind) => ({
  latestTrade: single(kind, 'trades'),
  latestQuote: single(kind, 'quotes'),
  minuteBar: single(kind, 'bars'),
  dailyBar: single(kind, 'bars'),
  prevDailyBar: single(kind, 'bars'),
});

export const stockSnapshots = ajv.compile(byName(object(snapshot('stock'))));
export const stockSnapshot = ajv.compile(object({ symbol: text, ...snapshot('stock') }));
export const pairSnapshots = ajv.compile(object({ snapshots: byName(object(snapshot('crypto'))) }));

const zoned = { type: 'string', format: 'date-time' };
export const clock = ajv.compile(
  object({ timestamp: zoned, is_open: { type: 'boolean' }, next_open: zoned, next_close: zoned }),
);

const minute = { type: 'string', pattern: '^\\d\\d:\\d\\d$' };
const session = { type: 'string', pattern: '^\\d{4}$' };
const date = { type: 'string', format: 'date' };
export const calendar = ajv.compile(
  list(
    object({
      ...{ date, open: minute, close: minute, session_open: session, session_close: session },
      settlement_date: date,
    }),
  ),
);

export const error = ajv.compile(object({ message: text }));

const COMMON = { trades: texts, quotes: texts, bars: texts, updatedBars: texts, dailyBars: texts };
const LISTS = {
  stock: {
    ...{ ...COMMON, statuses: texts, lulds: texts, imbalances: texts },
    ...{ corrections: texts, cancelErrors: texts },
  },
  crypto: { ...COMMON, orderbooks: texts },
};

/** Messages of a stream, of which the first property says what they are. */
const message = (T: string, properties: Readonly<Record<string, object>>, optional?: string[]) =>
  object({ T: { const: T }, S: text, ...properties }, optional);

export const messages = (kind: Kind) =>
  ajv.compile(
    list({
      anyOf: [
        message('t', OF[kind].trades),
        message('q', OF[kind].quotes),
        message('b', bar),
        message('d', bar),
        message('s', {
          ...{ sc: { enum: ['2', '3'] }, sm: { enum: ['Trading Halt', 'Resume'] } },
          ...{ rc: { const: '' }, rm: { const: '' }, t: stockTrade.t, z: text },
        }),
        message('o', { ...book, r: { type: 'boolean' } }, ['r']),
        object({ T: { const: 'success' }, msg: { enum: ['connected', 'authenticated'] } }),
        object({ T: { const: 'error' }, code: whole, msg: text }),
        {
          ...object({ T: { const: 'subscription' }, ...LISTS[kind] }),
        },
      ],
    }),
  );

/** Why something is not as it should be; empty if it is. */
export function faults(check: ReturnType<Ajv['compile']>, value: unknown): string {
  return check(value) ? '' : ajv.errorsText(check.errors);
}

import { Type } from 'typebox';
import type { What } from '../../../core/history/wanted.ts';
import { CANDLE_FIELDS } from '../../../core/market/fields.ts';
import { MAX_RESOLUTION_MS } from '../../../core/market/resolution.ts';
import { DEFAULT_LEVELS, MAX_LEVELS } from '../depth.ts';
import type { Limits } from '../limits.ts';
import {
  AskedFields,
  AskedMarket,
  AskedSymbols,
  count,
  Id,
  Since,
  SymbolText,
  Time,
} from './fields.ts';

const MAX = Number.MAX_SAFE_INTEGER;
/** A field that a message does not have is refused. */
const ALL_KNOWN = { additionalProperties: false } as const;

/** How candles are cut. */
const CUTTING = {
  resolution: Type.String({
    pattern: '^\\d{1,12}(ms|s|m|h|d|w|mo|y)$',
    description:
      'The width of a candle: at least the interval, at most 520w or 10y. Days, weeks, ' +
      'months (`mo`) and years start at 00:00, weeks on Monday.',
    examples: ['1m', '4h', '1mo'],
  }),
  tz: Type.Optional(
    Type.String({
      description: 'The zone whose wall clock cuts; absent for UTC.',
      examples: ['America/New_York'],
    }),
  ),
  offset: Type.Optional(
    Type.String({
      pattern: '^[+-]?(\\d{1,2}h)?(\\d{1,4}m)?$',
      description: 'Instead of tz: a clock so far ahead of UTC all year.',
      examples: ['-5h'],
    }),
  ),
};

const AskedHeld = Type.Optional(
  Type.Boolean({
    default: true,
    description: 'false leaves out candles of rows alone that are closed or halted.',
  }),
);

const AskedSums = Type.Optional(
  Type.Array(Type.Enum([...CANDLE_FIELDS]), {
    minItems: 1,
    uniqueItems: true,
    description: 'What is wanted beside prices: sums of the rows.',
  }),
);

const Delivery = Type.Optional(
  Type.Enum(['all', 'latest'], {
    default: 'all',
    description:
      'What a reader that is behind gets: `all` rows, or the `latest` alone with the others ' +
      'announced as skipped.',
  }),
);

/** What every `subscribe` may say. */
function subscribing<W extends What>(what: W, description: string) {
  return {
    type: Type.Literal('subscribe'),
    id: Id,
    what: Type.Optional(Type.Literal(what, { description })),
    symbols: AskedSymbols,
    since: Since,
    market: AskedMarket,
  };
}

function subscribeTradesSchema() {
  return Type.Object(
    {
      ...subscribing('trades', 'Single trades.'),
      what: Type.Literal('trades', { description: 'Single trades.' }),
      delivery: Delivery,
    },
    {
      ...ALL_KNOWN,
      description: 'Push: asks for the single trades of the rows after a cursor, without end.',
    },
  );
}

/** What a client may send, as schemas: by type, but for candles that are subscribed to. */
export function requestSchemas({ maxCandlesPerMessage }: Limits) {
  return {
    fetch: Type.Object(
      {
        type: Type.Literal('fetch'),
        id: Id,
        symbols: AskedSymbols,
        since: Since,
        fields: AskedFields,
        limit: Type.Optional(
          count(1, MAX, 'The most rows to answer; as many as fit a message, if absent.'),
        ),
        market: AskedMarket,
      },
      { ...ALL_KNOWN, description: 'Pull: asks for one message of the rows after a cursor.' },
    ),
    subscribe: Type.Object(
      {
        ...subscribing('rows', 'Rows, which are followed if nothing else is said.'),
        fields: AskedFields,
        delivery: Delivery,
      },
      {
        ...ALL_KNOWN,
        description: 'Push: asks for the rows after a cursor and all that follow, without end.',
      },
    ),
    subscribeDepth: Type.Object(
      {
        ...subscribing('depth', 'Books.'),
        what: Type.Literal('depth', { description: 'What is followed.' }),
        levels: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: MAX_LEVELS,
            default: DEFAULT_LEVELS,
            description: 'The most levels a side.',
          }),
        ),
      },
      {
        ...ALL_KNOWN,
        description:
          'Asks for the books of the newest row and then for what each row changes of them.',
      },
    ),
    subscribeCandles: Type.Object(
      {
        ...subscribing('candles', 'Candles, which are followed if there is a resolution.'),
        ...CUTTING,
        fields: AskedSums,
        every: Type.Optional(
          count(
            1,
            MAX_RESOLUTION_MS,
            'How often the forming candle is sent at most, in milliseconds, at least the ' +
              'interval. A candle that is final is sent at once.',
          ),
        ),
        held: AskedHeld,
      },
      {
        ...ALL_KNOWN,
        description:
          'Push: asks for the candles of the rows after a cursor as they form, without end. It ' +
          'is this one if it has a resolution.',
      },
    ),
    subscribeTrades: subscribeTradesSchema(),
    unsubscribe: Type.Object(
      { type: Type.Literal('unsubscribe'), id: Id },
      { ...ALL_KNOWN, description: 'Ends the subscription with this id.' },
    ),
    candles: Type.Object(
      {
        type: Type.Literal('candles'),
        id: Id,
        symbol: SymbolText,
        ...CUTTING,
        from: Time('A time in the first candle, on the grid or not'),
        count: count(1, maxCandlesPerMessage, 'How many candles.'),
        fields: AskedSums,
        held: AskedHeld,
        market: AskedMarket,
      },
      {
        ...ALL_KNOWN,
        description: 'Asks for the candles that start in [from, from + count * resolution).',
      },
    ),
    ping: Type.Object(
      { type: Type.Literal('ping'), id: Id },
      { ...ALL_KNOWN, description: "Asks for a sign of life and the server's clock." },
    ),
  };
}

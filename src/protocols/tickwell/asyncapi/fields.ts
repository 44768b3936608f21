import { Type } from 'typebox';
import { FIELDS, type Field } from '../../../core/market/fields.ts';
import { parseTime } from '../../../core/market/time.ts';

/** The fields that messages of the stream have in common, as schemas. */

const MAX_ID = 2 ** 32 - 1;

export const Id = Type.Integer({
  minimum: 0,
  maximum: MAX_ID,
  description:
    'Chosen by the client; answers carry it. Running subscriptions of one connection need ' +
    'different ids, and requests for rows others than those.',
});

export const MarketId = Type.String({
  pattern: '^[0-9a-f]{16}$',
  description: 'The market id: equal ids, equal prices.',
});

export const AskedMarket = Type.Optional(
  Type.String({
    description:
      'The market id this request is meant for, to be named with any cursor that was kept. If ' +
      'another market is served, the answer is an error, market_changed.',
  }),
);

export const SymbolText = Type.String({
  minLength: 1,
  maxLength: 32,
  description: 'The short name of an instrument.',
});

export const AskedSymbols = Type.Union(
  [Type.Array(SymbolText, { minItems: 1, uniqueItems: true }), Type.Literal('*')],
  {
    description: 'The columns of the rows, in this order; `*` for all of the market in its order.',
  },
);

/** A time in an answer. */
export const Ms = (what: string) =>
  Type.Integer({ description: `${what}, in ms since 1970-01-01T00:00:00Z.` });

/** How fast the market's time goes. */
export const Speed = Type.Number({
  minimum: 0,
  description: "Milliseconds of the market in one of the server's; 0 while its time stands still.",
});

/** A time in a request. */
export const Time = (what: string) =>
  Type.Union(
    [
      Type.Integer({ minimum: parseTime('0001-01-01')!, maximum: parseTime('9999-12-31')! }),
      Type.String(),
    ],
    {
      description:
        `${what}: whole milliseconds since 1970-01-01T00:00:00Z, or RFC 3339 text with a zone ` +
        '(`2026-01-31T12:00:00Z`), or a date (00:00 UTC).',
    },
  );

export const Since = Time(
  'Time of the last row the client has, or `now` for the newest: rows after it are answered. ' +
    'It must be the time of a row, or one interval before the first',
);

/** A number of things, such as rows. */
export const count = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });

export const Prices = Type.Array(Type.Array(Type.Integer()), {
  minItems: 1,
  description:
    'prices[column][row] in whole ticks (price = ticks * tickSize, see GET /v1/market), columns ' +
    'in the order of the symbols. Row n (from 0) has the time since + (n + 1) * interval.',
});

export const AskedFields = Type.Optional(
  Type.Array(Type.Unsafe<Field>(Type.String({ enum: FIELDS })), {
    minItems: 1,
    uniqueItems: true,
    description: 'What is said of each row, if not `last` alone: prices are then called `last`.',
  }),
);

/** Values of a field. */
export const values = (description: string) =>
  Type.Optional(
    Type.Array(Type.Array(Type.Integer()), {
      minItems: 1,
      description: `${description}; [column][row], as prices are.`,
    }),
  );

/** What Deriv's messages are, by their kind. Sources: the schemas of api.deriv.com, version 3. */

const text = { type: 'string' };
const id = { type: 'string', pattern: '^[\\w-]{32,128}$' };
const number = { type: 'number', exclusiveMinimum: 0 };
const epoch = { type: 'integer', minimum: 0 };
const pipSize = { type: 'integer', minimum: 0, maximum: 10 };
const flag = { enum: [0, 1] };
const symbol = { type: 'string', pattern: '^\\w{2,30}$' };

type Schema = Readonly<Record<string, unknown>>;

function object(
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
) {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

const subscription = object({ id });
const list = (items: Schema) => ({ type: 'array', items });

const tick = object(
  { ask: number, bid: number, epoch, pip_size: pipSize, quote: number, symbol },
  { id },
);

const price = { type: 'string', pattern: '^\\d+(\\.\\d+)?$' };
const ohlc = object({
  ...{ open: price, high: price, low: price, close: price },
  ...{ epoch, granularity: { type: 'integer', minimum: 1 }, open_time: epoch },
  ...{ id, symbol, pip_size: pipSize },
});

const activeSymbol = object(
  {
    ...{ display_name: text, display_order: { type: 'integer' } },
    ...{ exchange_is_open: { enum: [0, 1] }, is_trading_suspended: { enum: [0, 1] } },
    ...{ market: text, market_display_name: text, pip: number },
    ...{ subgroup: text, subgroup_display_name: text },
    ...{ submarket: text, submarket_display_name: text, symbol, symbol_type: text },
    // In the words of the API that came after.
    ...{ underlying_symbol: symbol, underlying_symbol_name: text },
    ...{ underlying_symbol_type: text, pip_size: number },
  },
  {
    ...{ allow_forward_starting: flag, delay_amount: { type: 'integer' } },
    ...{ exchange_name: text, quoted_currency_symbol: text },
  },
);

const candle = object({ open: number, high: number, low: number, close: number, epoch });

/** What is said beside the request, by `msg_type`: what must be, and what may be. */
const MEMBERS: Readonly<
  Record<string, readonly [Record<string, Schema>, Record<string, Schema>?]>
> = {
  ping: [{ ping: { const: 'pong' } }],
  time: [{ time: epoch }],
  active_symbols: [{ active_symbols: list(activeSymbol) }],
  tick: [{ tick }, { subscription }],
  history: [
    { history: object({ prices: list(number), times: list(epoch) }), pip_size: pipSize },
    { subscription },
  ],
  candles: [{ candles: list(candle), pip_size: pipSize }, { subscription }],
  ohlc: [{ ohlc, subscription }],
  forget: [{ forget: flag }],
  forget_all: [{ forget_all: list(id) }],
};

const AROUND = { echo_req: { type: 'object' }, msg_type: text };
const OPTIONAL = { req_id: { type: 'integer' }, passthrough: { type: 'object' } };

/** The schema of a message of a kind. */
export function schemaOf(msgType: string): Schema {
  const [required, optional = {}] = MEMBERS[msgType] ?? [];
  if (required === undefined) throw new Error(`no message is of kind ${msgType}`);
  return object({ ...AROUND, ...required }, { ...OPTIONAL, ...optional });
}

/** The same of an error, whatever it was that was asked. */
export const ERROR_SCHEMA: Schema = object(
  { ...AROUND, error: object({ code: text, message: text }, { details: { type: 'object' } }) },
  OPTIONAL,
);

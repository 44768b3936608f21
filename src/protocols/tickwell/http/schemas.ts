import { type TSchema, Type } from 'typebox';
import { ErrorAnswer } from '../../../host/http/schemas.ts';
import { type AnyFormat, MEDIA_TYPES } from '../formats/format.ts';

/** The answers of `/v1` as schemas, for the OpenAPI text. */

const Ms = (description: string) => Type.Integer({ description: `${description} (ms since 1970)` });
const Ticks = Type.Array(Type.Integer());
const Values = (description: string) =>
  Type.Optional(Type.Array(Type.Array(Type.Integer()), { description }));

/** As `notation` writes them: a time may be text, a price may be a decimal. */
export const Moment = (description: string) =>
  Type.Union([Type.Integer(), Type.String({ format: 'date-time' })], {
    description: `${description} (ms since 1970; text with time=iso)`,
  });
const PriceList = Type.Array(Type.Number(), {
  description: 'In ticks; decimals with prices=decimal.',
});
const SparsePriceList = Type.Array(Type.Union([Type.Number(), Type.Null()]), {
  description: 'In ticks; decimals with prices=decimal.',
});
const Prices = (description: string) =>
  Type.Optional(
    Type.Array(Type.Array(Type.Number()), {
      description: `${description}, in ticks; decimals with prices=decimal`,
    }),
  );

/** Of an answer that is empty. */
const extentOf = (time: typeof Moment | typeof Ms) => ({
  earliest: Type.Optional(time('Time of the first row, if nothing is here')),
  head: Type.Optional(time('Time of the newest row, if nothing is here')),
});

export const MarketAnswer = Type.Object({
  market: Type.String({ description: 'The market id: equal ids, equal prices.' }),
  version: Type.String(),
  origin: Ms('Time of row 0'),
  interval: Type.Integer({ description: 'Milliseconds between rows.' }),
  dtype: Type.String(),
  capacity: Type.Integer({ description: 'Rows held in memory; older ones are regenerated.' }),
  earliest: Ms('Time of the oldest row'),
  head: Ms('Time of the newest row'),
  now: Ms("The market's time"),
  speed: Type.Number({ description: 'How fast that goes: 0 while it stands still.' }),
  synthetic: Type.Boolean({
    description: 'Always true: no price is real, and none follows a real one.',
  }),
  fields: Type.Array(Type.String(), { description: 'What can be asked of each row.' }),
  instruments: Type.Array(
    Type.Object({
      symbol: Type.String(),
      name: Type.String(),
      model: Type.String(),
      tickSize: Type.Number({ description: 'price = ticks * tickSize' }),
      decimals: Type.Integer(),
      min: Type.Integer({ description: 'Lowest price, in ticks.' }),
      max: Type.Integer({ description: 'Highest price, in ticks.' }),
      sector: Type.Optional(Type.String({ description: 'Those of one move together.' })),
      calendar: Type.Optional(
        Type.Union([Type.String(), Type.Object({})], {
          description: 'When it trades: a name, or rules of its own. Absent: always.',
        }),
      ),
    }),
  ),
});

export const HelloAnswer = Type.Object({
  type: Type.Literal('hello'),
  market: Type.String({ description: 'The market id: equal ids, equal prices.' }),
  version: Type.String(),
  origin: Ms('Time of row 0'),
  interval: Type.Integer({ description: 'Milliseconds between rows.' }),
  head: Ms('Time of the newest row'),
  now: Ms("The market's time"),
  speed: Type.Number({ description: 'How fast that goes: 0 while it stands still.' }),
  heartbeat: Type.Integer({ description: 'The stream is never silent for longer (ms).' }),
  limits: Type.Record(Type.String(), Type.Number()),
  faults: Type.Optional(
    Type.Object(
      { profile: Type.String(), seed: Type.Integer() },
      { description: 'What is done to the stream because it was asked for.' },
    ),
  ),
});

export const RowsAnswer = Type.Object({
  market: Type.String(),
  interval: Type.Integer(),
  since: Moment('Time of the row before the first here'),
  until: Moment('Time of the last row here: the next since'),
  earliest: Type.Optional(Moment('Time of the first row of all, if there are none here')),
  head: Type.Optional(Moment('Time of the newest row; absent if until was named and is over')),
  symbols: Type.Array(Type.String()),
  prices: Prices('prices[column][row], absent if fields were named'),
  fields: Type.Optional(Type.Array(Type.String(), { description: 'As they were named.' })),
  last: Prices('As prices, if fields were named and this is one, as all that follow'),
  bid: Prices('What buyers offer'),
  ask: Prices('What sellers ask'),
  volume: Values('Lots that were traded'),
  trades: Values('How many trades there were'),
  aggressor: Values('1: a buyer came to the ask, 2: a seller came to the bid, 0: no trade'),
  status: Values('0: trading, 1: halted, 2: closed'),
});

export const TradesAnswer = Type.Object({
  market: Type.String(),
  symbol: Type.String(),
  fromId: Type.Integer({ description: 'The number of the first trade here; others follow it.' }),
  nextId: Type.Integer({ description: 'The number after the last one: the next fromId.' }),
  head: Type.Optional(Moment('Time of the newest row; absent if until was named and is over')),
  time: Type.Array(
    Type.Union([Type.Number(), Type.String({ format: 'date-time' })], {
      description: 'In milliseconds since 1970, with up to three decimals; text with time=iso.',
    }),
  ),
  price: PriceList,
  lots: Type.Array(Type.Integer(), { description: 'How many lots changed hands.' }),
  side: Type.Array(Type.Integer(), { description: 'Who came: 1 a buyer, 2 a seller.' }),
});

/** Whose clock cuts candles, as a request says it. */
export const Clock = {
  tz: Type.Optional(Type.String({ description: 'The zone whose clock cuts, unless it is UTC.' })),
  offset: Type.Optional(
    Type.String({ description: 'Instead of tz: how far the clock that cuts is ahead of UTC.' }),
  ),
};

const CandlesAnswer = Type.Object({
  market: Type.String(),
  symbol: Type.String(),
  resolution: Type.String(),
  ...Clock,
  time: Type.Array(Moment('Start of a candle')),
  open: PriceList,
  high: PriceList,
  low: PriceList,
  close: PriceList,
  volume: Type.Optional(Type.Array(Type.Integer(), { description: 'Lots, if asked for.' })),
  trades: Type.Optional(Type.Array(Type.Integer(), { description: 'Trades, if asked for.' })),
  closed: Type.Integer({ description: 'How many of them are final.' }),
  until: Type.Optional(
    Moment('Time of the last row in them: the since to go on from; absent if none'),
  ),
  ...extentOf(Moment),
});

const ManyPrices = Type.Array(SparsePriceList, {
  description: '[column][candle]; null where held=false leaves one out of a column alone',
});
const ManySums = (description: string) =>
  Type.Optional(Type.Array(Type.Array(Type.Union([Type.Integer(), Type.Null()])), { description }));

/** Of several symbols. */
const ManyCandlesAnswer = Type.Object({
  market: Type.String(),
  symbols: Type.Array(Type.String()),
  resolution: Type.String(),
  ...Clock,
  time: Type.Array(Moment('Start of a candle of each')),
  open: ManyPrices,
  high: ManyPrices,
  low: ManyPrices,
  close: ManyPrices,
  volume: ManySums('[column][candle]: lots, if asked for.'),
  trades: ManySums('[column][candle]: trades, if asked for.'),
  closed: Type.Integer({ description: 'How many of each are final.' }),
  until: Type.Optional(Moment('Time of the last row in them; absent if there are none')),
  ...extentOf(Moment),
});

/** As it was asked for: of `symbol`, or of `symbols`. */
export const CandlesAnswers = Type.Union([CandlesAnswer, ManyCandlesAnswer]);

const Levels = (side: string) =>
  Type.Array(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }), {
    description: `${side}, the best one first: each its price and how many lots wait there.`,
  });

export const DepthAnswer = Type.Object({
  market: Type.String(),
  symbol: Type.String(),
  time: Type.Optional(Moment('Time of the row; absent if there is none yet')),
  ...extentOf(Moment),
  bids: Levels('What buyers offer'),
  asks: Levels('What sellers ask'),
});

export const RealismAnswer = Type.Object(
  { market: Type.String(), symbol: Type.String(), rows: Type.Integer(), ...extentOf(Ms) },
  {
    additionalProperties: true,
    description: 'Statistics of the returns, and `facts`: what is reported of real markets.',
  },
);

export const SparklinesAnswer = Type.Object({
  market: Type.String(),
  span: Type.Integer(),
  time: Type.Array(Ms('Time of a point')),
  symbols: Type.Array(Type.String()),
  prices: Type.Array(Ticks, { description: 'prices[column][point], in ticks.' }),
  ...extentOf(Ms),
});

const Time = (description: string) => Type.Integer({ description });
const CACHE = Type.String({ description: 'no-cache, or for ever if the answer is immutable' });
const ETAG = Type.String({ description: 'Give it back in If-None-Match; weak' });
const VARY = Type.String({ description: 'Accept-Encoding; Accept too, if that chose the format' });

/** Beside JSON, which says the same within. */
export const ROWS_HEADERS = {
  'Tickwell-Market': Type.String({ description: 'The market id; not with JSON' }),
  'Tickwell-Since': Time('Time of the row before the first here; not with JSON'),
  'Tickwell-Until': Time('Time of the last row here, the next since; not with JSON'),
  'Tickwell-Earliest': Time('Time of the first row of all, if there are none here; not with JSON'),
  'Tickwell-Head': Time(
    'Time of the newest row; not with JSON, nor if until was named and is over',
  ),
};
export const TRADES_HEADERS = {
  'Tickwell-Market': Type.String({ description: 'The market id; not with JSON' }),
  'Tickwell-From-Id': Type.Integer({ description: 'The number of the first trade; not with JSON' }),
  'Tickwell-Next-Id': Type.Integer({ description: 'The number after the last; not with JSON' }),
  'Tickwell-Head': Time(
    'Time of the newest row; not with JSON, nor if until was named and is over',
  ),
};
export const LATEST_HEADERS = {
  'Tickwell-Market': Type.String({ description: 'The market id' }),
  'Tickwell-Head': Time('Time of the newest row'),
};
export const STRIKES_HEADERS = {
  'Tickwell-Market': Type.String({ description: 'The market id; not with JSON' }),
  'Tickwell-Since': Time('Time of the row before the first one looked at; not with JSON'),
  'Tickwell-Until': Time('Time of the last row looked at, the next since; not with JSON'),
  'Tickwell-Head': Time('Time of the newest row; not with JSON, nor if until was named'),
};
export const DEPTH_HEADERS = {
  'Tickwell-Market': Type.String({ description: 'The market id; not with JSON' }),
  'Tickwell-Time': Time('Time of the row; not with JSON, nor if there is none yet'),
  'Tickwell-Earliest': Time('Time of the first row, if there is none yet; not with JSON'),
  'Tickwell-Head': Time('An interval before that, if there is none yet; not with JSON'),
};
export const CANDLES_HEADERS = {
  'Tickwell-Market': Type.String({ description: 'The market id; not with JSON' }),
  'Tickwell-Closed': Type.Integer({
    description: 'How many candles are final; not with JSON, nor of symbols',
  }),
  'Tickwell-Until': Type.Integer({ description: 'Time of the last row in them; not with JSON' }),
  'Tickwell-Earliest': Time('Time of the first row, if there are no candles; not with JSON'),
  'Tickwell-Head': Time('Time of the newest row, if there are no candles; not with JSON'),
};

const BODIES: Readonly<Record<Exclude<AnyFormat, 'json'>, string>> = {
  html: 'A page of its own: tables and pictures',
  csv: 'A line of names, then one for each time; LF between',
  ndjson: 'A JSON object a line, one for each time',
  arrow: 'An Arrow IPC stream: time (timestamp[ms, UTC], of trades us), then prices, signed',
  parquet: 'A Parquet file: time (timestamp[ms, UTC], of trades us), then prices, signed',
  bin: 'One frame as on the stream, with id 0',
};

/** What is no JSON: text, or bytes. */
function bodyOf(format: Exclude<AnyFormat, 'json'>): TSchema {
  const description = BODIES[format];
  const isBinary = format === 'arrow' || format === 'parquet' || format === 'bin';
  return Type.String(isBinary ? { description, format: 'binary' } : { description });
}

/** The answers of a route whose answers have a tag: as JSON, and in other formats. */
export function taggedAnswers(
  json: TSchema,
  description: string,
  formats: readonly AnyFormat[] = ['json'],
  headers: Readonly<Record<string, TSchema>> = {},
) {
  const content: Record<string, { schema: TSchema }> = {};
  for (const format of formats) {
    const schema = format === 'json' ? json : bodyOf(format);
    for (const mediaType of MEDIA_TYPES[format]) content[mediaType] = { schema };
  }
  const cached = { 'Cache-Control': CACHE, ETag: ETAG, Vary: VARY };
  return {
    200: { description, headers: { ...cached, ...headers }, content },
    304: { ...Type.Null({ description: 'If-None-Match names this answer' }), headers: cached },
    '4xx': ErrorAnswer,
    '5xx': ErrorAnswer,
  };
}

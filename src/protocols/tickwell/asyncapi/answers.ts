import { Type } from 'typebox';
import { CLOSE_CODES } from '../../../wire/errors.ts';
import { MAX_LEVELS } from '../depth.ts';
import { Clock } from '../http/schemas.ts';
import { toldLimits } from '../limits.ts';
import type { Documented } from './document.ts';
import {
  AskedFields,
  count,
  Id,
  MarketId,
  Ms,
  Prices,
  Speed,
  SymbolText,
  values,
} from './fields.ts';
import { STREAM_ERRORS } from './texts.ts';
import { depthSchema, streamedCandlesSchema, tradesSchema } from './told.ts';

const MAX = Number.MAX_SAFE_INTEGER;

/** What a server sends as text, as schemas: by type, but for candles of subscriptions. */
export function answerSchemas(service: Documented) {
  const { limits } = service;
  const { heartbeatMs } = limits;
  const candles = { maxItems: limits.maxCandlesPerMessage };
  const ticks = (description: string) =>
    Type.Array(Type.Integer(), { ...candles, description: `${description}, in whole ticks.` });
  const sums = (description: string) =>
    Type.Array(Type.Integer(), { ...candles, description: `${description}, if asked for.` });
  const faults = Type.Object(
    {
      profile: Type.String({ description: 'In its canonical form.' }),
      seed: count(0, MAX, 'What its strikes are drawn by.'),
    },
    { description: 'What is done to this connection because it was asked for.' },
  );
  return {
    hello: Type.Object(
      {
        type: Type.Literal('hello'),
        market: MarketId,
        version: Type.String({ description: 'The version of the server.' }),
        origin: Ms('Time of the first row'),
        interval: count(1, MAX, 'Milliseconds between rows.'),
        head: Ms('Time of the newest row; `origin - interval` while there is none'),
        now: Ms("The market's time"),
        speed: Speed,
        heartbeat: count(1, MAX, 'The stream is never silent for longer, in milliseconds.'),
        limits: limitsSchema(service),
        faults: Type.Optional(faults),
      },
      { description: 'The first message of every stream: what is served, and its limits.' },
    ),
    rows: Type.Object(
      {
        type: Type.Literal('rows'),
        id: Id,
        since: Ms('Time of the row before the first here: the cursor of the client'),
        until: Ms('Time of the last row here: the next cursor of the client'),
        lag: count(0, MAX, 'Rows that are still behind the head after these; 0 means live.'),
        prices: Type.Optional(Prices),
        fields: AskedFields,
        last: values('As prices, if fields were named and this is one; so are all that follow'),
        bid: values('What buyers offer, in whole ticks'),
        ask: values('What sellers ask, in whole ticks'),
        volume: values('Lots that were traded'),
        trades: values('How many trades there were'),
        aggressor: values('1: a buyer came to the ask, 2: a seller came to the bid, 0: no trade'),
        status: values('0: trading, 1: halted, 2: closed'),
      },
      { description: 'The rows with since < time <= until, as JSON.' },
    ),
    subscribed: Type.Object(
      {
        type: Type.Literal('subscribed'),
        id: Id,
        market: MarketId,
        symbols: Type.Array(SymbolText, {
          minItems: 1,
          description: 'The columns of all its rows, candles, trades or books.',
        }),
        resolution: Type.Optional(Type.String({ description: 'Of candles: as it was asked for.' })),
        ...Clock,
        fields: AskedFields,
        what: Type.Optional(
          Type.Union([Type.Literal('trades'), Type.Literal('depth')], {
            description: 'Of trades, or of books: that it is.',
          }),
        ),
        levels: Type.Optional(count(1, MAX_LEVELS, 'Of books: the most levels a side.')),
        every: Type.Optional(
          count(1, MAX, 'Of candles: how often at most, in milliseconds, if it was asked for.'),
        ),
        held: Type.Optional(
          Type.Literal(false, { description: 'Of candles without those of held rows alone.' }),
        ),
        since: Ms('Where it begins, also if `now` was asked for'),
      },
      { description: 'A subscription has begun.' },
    ),
    skipped: Type.Object(
      {
        type: Type.Literal('skipped'),
        id: Id,
        since: Ms('The cursor of the client'),
        until: Ms('The next cursor of the client'),
        rows: count(1, MAX, 'How many rows that are.'),
      },
      {
        description:
          'With delivery `latest`: the rows with since < time <= until will not be sent. The ' +
          'next message of the subscription goes on from until.',
      },
    ),
    market: Type.Object(
      {
        type: Type.Literal('market'),
        id: Id,
        market: MarketId,
        since: Ms('The cursor of the client'),
      },
      {
        description:
          'Something was done to the market: the rows that follow are of another market id. Name ' +
          'that one with this cursor, and with all later ones.',
      },
    ),
    unsubscribed: Type.Object(
      { type: Type.Literal('unsubscribed'), id: Id, until: Ms('The cursor to go on from') },
      { description: 'The last message of a subscription; its id is free again.' },
    ),
    candles: Type.Object(
      {
        type: Type.Literal('candles'),
        id: Id,
        market: MarketId,
        symbol: SymbolText,
        resolution: Type.String({ description: 'As it was asked for.' }),
        ...Clock,
        time: Type.Array(Type.Integer(), {
          ...candles,
          description: 'The start of each candle, in ms since 1970-01-01T00:00:00Z; no holes.',
        }),
        open: ticks('The first price of each'),
        high: ticks('The highest price of each'),
        low: ticks('The lowest price of each'),
        close: ticks('The last price of each'),
        volume: Type.Optional(sums('Lots that were traded')),
        trades: Type.Optional(sums('How many trades there were')),
        closed: count(
          0,
          limits.maxCandlesPerMessage,
          'How many of them, from the first, are final: all, or all but the newest.',
        ),
        until: Type.Optional(Ms('Time of the last row in them, to go on from; absent if none')),
        earliest: Type.Optional(Ms('Time of the first row of all, if there are no candles')),
        head: Type.Optional(Ms('Time of the newest row, if there are no candles')),
      },
      {
        description:
          'Candles of the rows in [time, time + resolution), oldest first: lists of one length.',
      },
    ),
    streamedCandles: streamedCandlesSchema(),
    depth: depthSchema(),
    trades: tradesSchema(),
    pong: Type.Object(
      { type: Type.Literal('pong'), id: Id, now: Ms("The market's time"), speed: Speed },
      { description: 'Answers a ping.' },
    ),
    clock: Type.Object(
      { type: Type.Literal('clock'), now: Ms("The market's time"), speed: Speed },
      {
        description:
          "Comes whenever the market's time goes on at another speed, stands still or jumps. No " +
          'row is lost by it, and none is late.',
      },
    ),
    heartbeat: Type.Object(
      {
        type: Type.Literal('heartbeat'),
        now: Ms("The market's time"),
        speed: Speed,
        head: Ms('Time of the newest row'),
        subscriptions: Type.Record(Type.String({ pattern: '^\\d{1,10}$' }), Type.Integer(), {
          description:
            'By id, the time up to which each subscription is complete, in ms since ' +
            '1970-01-01T00:00:00Z.',
        }),
      },
      {
        description:
          `Comes when nothing else was sent for ${heartbeatMs} ms. Who hears nothing for twice ` +
          'as long should reconnect.',
      },
    ),
    error: Type.Object(
      {
        type: Type.Literal('error'),
        id: Type.Optional(
          Type.Integer({ description: 'That of the message, if it had a whole number there.' }),
        ),
        code: Type.String({
          enum: STREAM_ERRORS.map(({ code }) => code),
          description: 'For programs. Later versions may add some.',
        }),
        message: Type.String({
          description: 'For people: one sentence with the field, the rule, what was given.',
        }),
        ...errorDetails(),
      },
      { description: 'Answers a message that is wrong. The connection goes on.' },
    ),
    bye: Type.Object(
      {
        type: Type.Literal('bye'),
        code: Type.Integer({
          enum: Object.values(CLOSE_CODES),
          description: 'The close code that follows.',
        }),
        reason: Type.String({ description: 'For people.' }),
        retryAfterMs: count(
          0,
          limits.retryAfterMs,
          'How long to wait before coming back, if at all; another time for each client.',
        ),
      },
      { description: 'The last message before the server closes the connection.' },
    ),
  };
}

/** The further facts of errors, each only with some codes. */
export function errorDetails() {
  return {
    origin: Type.Optional(Ms('Time of the first row')),
    interval: Type.Optional(count(1, MAX, 'Milliseconds between rows.')),
    earliest: Type.Optional(Ms('Time of the first row')),
    head: Type.Optional(Ms('Time of the newest row')),
    market: Type.Optional(MarketId),
    limit: Type.Optional(count(1, MAX, 'The most there may be.')),
    retryAfterMs: Type.Optional(count(1, MAX, 'How long to wait before asking again.')),
  };
}

/** Every limit of this server, with its value as the example. */
function limitsSchema(service: Documented) {
  const fields = toldLimits(service).map(({ name, value, text: description }) => {
    return [name, Type.Integer({ minimum: 1, description, examples: [value] })];
  });
  return Type.Unsafe<Record<string, number>>(
    Type.Object(Object.fromEntries(fields), {
      description: 'All limits of the server. Those named ...Ms are in milliseconds.',
    }),
  );
}

import { Type } from 'typebox';
import { count, Id, Ms } from './fields.ts';

/** What a subscription is told beside rows, as schemas. */

const MAX = Number.MAX_SAFE_INTEGER;

/** Candles of a subscription. */
export function streamedCandlesSchema() {
  const ticks = (description: string) => sparseListsOf(`${description}, in whole ticks`);
  return Type.Object(
    {
      type: Type.Literal('candles'),
      id: Id,
      since: Ms('Time of the last row before those told here: the cursor of the client'),
      until: Ms('Time of the last row told here: the next cursor of the client'),
      lag: count(0, MAX, 'Rows that are still behind the head after it; 0 means live.'),
      time: Type.Array(Type.Integer(), {
        description:
          'The start of each candle, in ms since 1970-01-01T00:00:00Z; there is one at least, ' +
          'but with `held` false.',
      }),
      open: ticks('The first price of each'),
      high: ticks('The highest price of each'),
      low: ticks('The lowest price of each'),
      close: ticks('The last price of each'),
      volume: Type.Optional(sparseListsOf('Lots that were traded, if asked for')),
      trades: Type.Optional(sparseListsOf('How many trades there were, if asked for')),
      final: Type.Boolean({
        description:
          'true: all of them are final, which each is told once. false: there is one, as of ' +
          'the row at until; it takes the place of the one before with the same time.',
      }),
    },
    {
      description:
        'Candles of a subscription: a list for each symbol, as long as time. With `held` false a ' +
        'value is null where its symbol has no candle, but another has.',
    },
  );
}

/** Books of a subscription. */
export function depthSchema() {
  const levels = (side: string) =>
    Type.Array(
      Type.Array(
        Type.Tuple([
          Type.Integer({ description: 'The price, in whole ticks.' }),
          count(0, MAX, 'How many lots wait there; 0 if none do any more.'),
        ]),
      ),
      { minItems: 1, description: `${side}, of each symbol a list, the best one first.` },
    );
  return Type.Object(
    {
      type: Type.Literal('depth'),
      id: Id,
      since: Ms('Time of the row whose books these go on from: the cursor of the client'),
      until: Ms('Time of the row that the books are of then: the next cursor of the client'),
      lag: count(0, MAX, 'Rows that are still behind the head after it; 0 means live.'),
      snapshot: Type.Boolean({
        description:
          'true: these are all levels, and take the place of what was before, rows between ' +
          'since and until left out. false: these are the levels that one row has changed.',
      }),
      bids: levels('What buyers offer'),
      asks: levels('What sellers ask'),
    },
    { description: 'Books of a subscription, or what changed of them.' },
  );
}

/** Single trades of a subscription. */
export function tradesSchema() {
  const about = (description: string) => ({
    minItems: 1,
    description: `${description}; [column][trade].`,
  });
  const lists = (description: string) => Type.Array(Type.Array(Type.Integer()), about(description));
  return Type.Object(
    {
      type: Type.Literal('trades'),
      id: Id,
      since: Ms('Time of the row before the first here: the cursor of the client'),
      until: Ms('Time of the last row here: the next cursor of the client'),
      lag: count(0, MAX, 'Rows that are still behind the head after these; 0 means live.'),
      first: Type.Array(Type.Integer(), {
        minItems: 1,
        description: 'The number of the first trade of each symbol, were there one.',
      }),
      time: Type.Array(
        Type.Array(Type.Number()),
        about('In ms since 1970-01-01T00:00:00Z, with up to three decimals; within its row'),
      ),
      price: lists('In whole ticks'),
      lots: lists('How many lots changed hands'),
      side: lists('Who came: 1 a buyer, 2 a seller'),
    },
    { description: 'All trades of the rows with since < time <= until; there may be none.' },
  );
}

const sparseListsOf = (description: string) =>
  Type.Array(Type.Array(Type.Union([Type.Integer(), Type.Null()])), {
    minItems: 1,
    description: `${description}; [column][candle].`,
  });

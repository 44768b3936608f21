import { Type } from 'typebox';

const Price = (description: string) =>
  Type.Optional(Type.Number({ description: `${description}; in ticks with prices=ticks` }));

/** An object for each symbol, flat. */
export const LatestAnswer = Type.Array(
  Type.Object({
    symbol: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    time: Type.Optional(
      Type.Union([Type.String({ format: 'date-time' }), Type.Integer()], {
        description: 'Of the newest row (text; ms since 1970 with time=ms)',
      }),
    ),
    last: Price('The newest price'),
    change: Price('Since 24 hours before, or the first row'),
    changePercent: Type.Optional(
      Type.Union([Type.Number(), Type.Null()], {
        description: 'The same in percent of open; null where open is 0',
      }),
    ),
    open: Price('The price 24 hours before, or of the first row'),
    high: Price('The highest of 24 hours'),
    low: Price('The lowest of 24 hours'),
    volume: Type.Optional(Type.Integer({ description: 'Lots that were traded in 24 hours' })),
    bid: Price('What buyers offer, if asked for'),
    ask: Price('What sellers ask, if asked for'),
    status: Type.Optional(Type.Integer({ description: 'As of rows, if asked for' })),
  }),
);

/** The public entry for embedding: a market as a function, one that runs, one that is served. */

export { Feed } from './core/feed/feed.ts';
export { type Candles, foldCandles, newCandles } from './core/history/candles.ts';
export { History } from './core/history/history.ts';
export type { SpecProblem } from './core/market/check.ts';
export type { Dtype, Prices } from './core/market/dtype.ts';
export type { Effect } from './core/market/entries/effects.ts';
export type { Entry } from './core/market/entries/entry.ts';
export { checkEvent, checkScenario, type Requested } from './core/market/entries/requested.ts';
export { FIELDS, type Field, newTrades, TradeSums, type Trades } from './core/market/fields.ts';
export { BLOCK_ROWS, type Grid } from './core/market/grid.ts';
export { formatPrice, type Instrument } from './core/market/instrument.ts';
export { Market, type Spec } from './core/market/market.ts';
export { Fold } from './core/market/models/model.ts';
export { eachBlock, type Piece } from './core/market/pieces.ts';
export { parseResolution, type Resolution } from './core/market/resolution.ts';
export { checkSpec, type SpecCheck } from './core/market/spec.ts';
export { type BookSide, type Depth, newDepth } from './core/market/trading/book.ts';
export {
  type BookDifferences,
  fillBookDifferences,
  newBookDifferences,
} from './core/market/trading/book-differences.ts';
export { type EachTrade, newEachTrade } from './core/market/trading/each-trade.ts';
export { Timeline } from './core/timeline/timeline.ts';
export type { NewProtocol, Protocol, ServerParts } from './delivery/protocol.ts';
export { type Message, SocketConnection } from './delivery/socket-connection.ts';
export type { Bye, MessageHandler, Opened, SocketRoute } from './delivery/socket-route.ts';
export { PROTOCOLS } from './server/protocols.ts';
export { type ServerOptions, startServer, type TickwellServer } from './server/server.ts';
export { ERRORS, type ErrorCode, TickwellError } from './wire/errors.ts';
export type * from './wire/messages.ts';

import { checkNames } from './names.ts';
import { optionNames, Stream, type StreamOptions } from './stream.ts';
import { type Trades, TradesKind } from './trades-kind.ts';

export type SubscribeTradesOptions = StreamOptions;

/**
 * The single trades of the rows after `since`, to be read with `for await`: each exactly once, by
 * its number, whatever happens to connections in between. Rows without a trade come too, so that
 * the cursor goes on.
 *
 * The cursor is that of rows, and so is everything that `subscribe` says of itself.
 */
export function subscribeTrades(options: SubscribeTradesOptions): TradeSubscription {
  return new TradeSubscription(options);
}

/** Trades as they come; what `subscribeTrades` returns. To be read by one loop. */
export class TradeSubscription extends Stream<Trades, Trades> {
  constructor(options: SubscribeTradesOptions) {
    checkNames(options, optionNames(''));
    super(options, new TradesKind());
  }
}

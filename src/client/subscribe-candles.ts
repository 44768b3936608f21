import type { CandleField } from '../wire/messages.ts';
import type { AnyCandles, Candles } from './candles.ts';
import { CandlesKind } from './candles-kind.ts';
import { ClientError } from './error.ts';
import { checkNames } from './names.ts';
import { optionNames, Stream, type StreamOptions } from './stream.ts';

export interface SubscribeCandlesOptions<Fields extends readonly CandleField[] = readonly []>
  extends StreamOptions {
  /** The width, such as `1m`, `4h`, `1d`, `1mo`: at least the market's interval. */
  readonly resolution: string;
  /** The zone whose wall clock cuts, such as `America/New_York`; default UTC. */
  readonly tz?: string | undefined;
  /** Instead of `tz`: a clock so far ahead of UTC all year, such as `-5h`. */
  readonly offset?: string | undefined;
  /** What is wanted beside prices: sums of the rows. */
  readonly fields?: Fields | undefined;
  /**
   * How often the candle that is being made is wanted, in milliseconds of market time, at least the
   * interval. Default: after each row. One that is final comes at once in any case.
   */
  readonly every?: number | undefined;
  /**
   * False leaves out candles of rows alone that are closed or halted. Of several symbols, one that
   * has none at a time is NaN in the columns, and not in `candle.close`. Default: true.
   */
  readonly held?: boolean | undefined;
}

/**
 * The candles of the rows after `since`, to be read with `for await`: each final one exactly once,
 * in order, and between them the one that is being made, whatever happens to connections in
 * between. The first one is whole: it has its rows before `since` too.
 *
 * The cursor is that of rows, and so is everything that `subscribe` says of itself. If you are
 * slow, only the newest of a candle that is being made waits for you.
 */
export function subscribeCandles<const Fields extends readonly CandleField[] = readonly []>(
  options: SubscribeCandlesOptions<Fields>,
): CandleSubscription<Fields> {
  return new CandleSubscription(options);
}

/** Candles as they come; what `subscribeCandles` returns. To be read by one loop. */
export class CandleSubscription<Fields extends readonly CandleField[] = readonly []> extends Stream<
  AnyCandles,
  Candles<Fields>
> {
  constructor(options: SubscribeCandlesOptions<Fields>) {
    checkNames(options, optionNames('resolution tz offset fields every held'));
    const { resolution, tz, offset, every, fields, held } = options;
    // The server would take it for a subscription to rows.
    if (resolution === undefined) throw new ClientError('bad_request', 'resolution is missing');
    super(options, new CandlesKind({ resolution, tz, offset, every, fields, held }));
  }
}

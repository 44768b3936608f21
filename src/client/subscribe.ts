import type { Delivery, Field } from '../wire/messages.ts';
import type { DefaultFields } from './fields.ts';
import { checkNames } from './names.ts';
import type { AnyRows, Rows } from './rows.ts';
import { RowsKind } from './rows-kind.ts';
import { optionNames, Stream, type StreamOptions } from './stream.ts';

export interface SubscribeOptions<Fields extends readonly Field[] = DefaultFields>
  extends StreamOptions {
  /** What is wanted of each row; `prices` are those of `last`. Default `last` alone. */
  readonly fields?: Fields | undefined;
  /** `latest` leaves out rows for which you are too late, and says so. Default `all`. */
  readonly delivery?: Delivery | undefined;
}

/**
 * The rows of a market after `since`, to be read with `for await`: each exactly once, in order,
 * without end, whatever happens to connections in between.
 *
 * It connects at once. Leaving the loop closes it, and so do `close()` and the `signal`; the loop
 * then ends. If the server refuses, the loop throws a `ClientError` after the last rows: another
 * market (`market_changed`), a wrong request (`unknown_symbol`, `bad_cursor`, ...), a close for
 * good (see `ClientErrorCode`). All else, it waits and comes back.
 *
 * Throws `bad_url`, `bad_request` for an option that there is not, and `no_websocket` where there
 * is no WebSocket class.
 */
export function subscribe<const Fields extends readonly Field[] = DefaultFields>(
  options: SubscribeOptions<Fields>,
): Subscription<Fields> {
  return new Subscription(options);
}

/** Rows as they come; what `subscribe` returns. To be read by one loop. */
export class Subscription<Fields extends readonly Field[] = DefaultFields> extends Stream<
  AnyRows,
  Rows<Fields>
> {
  constructor(options: SubscribeOptions<Fields>) {
    checkNames(options, optionNames('fields delivery'));
    super(options, new RowsKind(options.delivery, options.fields));
  }
}

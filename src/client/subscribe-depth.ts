import { type Books, DepthKind } from './depth-kind.ts';
import { checkNames } from './names.ts';
import { optionNames, Stream, type StreamOptions } from './stream.ts';

export interface SubscribeDepthOptions extends Omit<StreamOptions, 'since'> {
  /** The most levels a side, 1 to 100. Default 20. */
  readonly levels?: number | undefined;
}

/**
 * The books of a market, to be read with `for await`: those of the newest row, then those of each
 * row that comes, and what it changed of them. They are kept while connections come and go: a new
 * one goes on with what was changed meanwhile. If you are too slow for that, rows are left out, and
 * `snapshot` and `since` say so.
 *
 * All else is as `subscribe` says of itself.
 */
export function subscribeDepth(options: SubscribeDepthOptions): DepthSubscription {
  return new DepthSubscription(options);
}

/** Books as they come; what `subscribeDepth` returns. To be read by one loop. */
export class DepthSubscription extends Stream<Books, Books> {
  constructor(options: SubscribeDepthOptions) {
    checkNames(options, optionNames('levels').replace('since ', ''));
    super({ ...options, since: 'now' }, new DepthKind(options.levels));
  }
}

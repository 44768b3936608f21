import type { Market } from '../../core/market/market.ts';
import { quoted } from '../../core/market/quoted.ts';
import { MAX_LEVELS } from '../../core/market/trading/book.ts';
import { TickwellError } from '../../wire/errors.ts';
import { extentOf, rangeRule } from './ranges.ts';
import { checkOnGrid, timeMsOf } from './requests.ts';

/** What a request for a book means. Each function throws a `TickwellError`. */

/** Levels a side, of whoever says nothing of them. */
export const DEFAULT_LEVELS = 20;
export { MAX_LEVELS };

/** The index of the row at `at`, or of the newest; -1 if there is none yet. */
export function rowAt(market: Market, head: number, at: unknown): number {
  if (at === undefined) return head - 1;
  const { grid } = market;
  const atMs = timeMsOf('at', at);
  const extent = extentOf(market, head);
  if (atMs < extent.earliest) {
    const { earliest } = extent;
    const rule = rangeRule(`must be at least ${earliest}, the first row`, atMs, extent);
    throw new TickwellError('before_start', `at ${rule}; given: ${quoted(at)}`, { earliest });
  }
  if (atMs > extent.head) {
    const rule = `must be at most ${extent.head}, the newest row`;
    throw new TickwellError('cursor_ahead', `at ${rule}; given: ${quoted(at)}`, {
      head: extent.head,
    });
  }
  checkOnGrid(market, 'at', atMs);
  return (atMs - grid.originMs) / grid.intervalMs;
}

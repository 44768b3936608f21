import { TickwellError } from '../../wire/errors.ts';
import type { BinanceService } from './limits.ts';

/** A day. */
const MOST_WAIT_MS = 86_400_000;

/** Throws before a market has its first row: no price is known then, and none is made up. */
export function checkBegun({ feed, clock }: BinanceService): void {
  if (feed.history.head > 0) return;
  const { originMs } = feed.market.grid;
  // What never comes may come all the same: somebody lets its time go on.
  const retryAfterMs = Math.min(MOST_WAIT_MS, Math.max(1000, clock.untilMs(originMs)));
  const rule = `a price is known once the market has begun, at ${originMs}`;
  throw new TickwellError('not_ready', `${rule}; given: ${clock.marketMs()}`, { retryAfterMs });
}

import { TickwellError } from '../../wire/errors.ts';
import type { BinanceService } from './limits.ts';

/** Throws before a market has its first row: no price is known then, and none is made up. */
export function checkBegun({ feed, clock }: BinanceService): void {
  if (feed.history.head > 0) return;
  const { originMs } = feed.market.grid;
  const retryAfterMs = Math.max(1000, originMs - clock.nowMs());
  const rule = `a price is known once the market has begun, at ${originMs}`;
  throw new TickwellError('not_ready', `${rule}; given: ${clock.nowMs()}`, { retryAfterMs });
}

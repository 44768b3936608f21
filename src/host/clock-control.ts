import { headAt } from '../core/market/grid.ts';
import { type ClockChange, changedAt, clockProblem } from '../core/timeline/clock-change.ts';
import { TickwellError } from '../wire/errors.ts';
import type { Service } from './service.ts';

/** What a change of the market's time has come to. */
export interface ClockChanged {
  /** The first row that obeys it. */
  readonly index: number;
  /** The market's time from which on it holds. */
  readonly now: number;
  readonly speed: number;
}

/**
 * Changes the time of a market, from the next row on that nobody has been given. Throws a
 * `TickwellError` if it cannot be changed so.
 */
export function changeClock(
  { feed, clock }: Pick<Service, 'feed' | 'clock'>,
  change: ClockChange,
): ClockChanged {
  const problem = clockProblem(clock.time, change);
  if (problem !== undefined) throw new TickwellError('bad_request', problem);
  const { grid } = feed.market;
  const index = Math.max(feed.head, headAt(grid, clock.marketMs()));
  const anchor = changedAt(clock.time, grid, change, { hostMs: clock.nowMs(), index });
  clock.add(anchor);
  return { index, now: anchor.marketMs, speed: anchor.speed };
}

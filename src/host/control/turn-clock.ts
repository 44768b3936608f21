import { headAt, MAX_ROWS } from '../../core/market/grid.ts';
import type { Service } from '../service.ts';
import type { ClockWish, Turned } from './director.ts';

/**
 * Changes the market's time, and comes back when it is changed; of a step, when its rows are
 * readable. Rejects with a `TickwellError` if it cannot be changed so.
 */
export async function turnClock(
  { director, feed, awaited }: Pick<Service, 'director' | 'feed' | 'awaited'>,
  wish: ClockWish,
): Promise<Turned> {
  const turned = await director.turn(wish);
  const { change } = wish;
  if ('stepRows' in change || 'stepMs' in change) {
    await awaited.until(Math.min(MAX_ROWS, headAt(feed.market.grid, turned.anchor.marketMs)));
  }
  return turned;
}

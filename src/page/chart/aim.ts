import { type Cut, edgeAt } from '../time/resolution.ts';
import type { ChartController } from './controller.ts';
import { tileOf } from './plan.ts';

/** What the chart shows: an instrument, and where in its time. */
export interface Place {
  readonly column: number;
  readonly resolution: Cut;
  /** The time at the right edge; absent means live. */
  readonly atMs?: number | undefined;
  /** How many bars wide; absent means as before. */
  readonly span?: number | undefined;
}

type Reach = Pick<ChartController, 'oldestBar' | 'newestBar' | 'pane'>;

/** Where a view of `span` bars of a place would be, within the market, and its tiles. */
export function aim(
  { resolution, atMs }: Place,
  span: number,
  { oldestBar, newestBar, pane }: Reach,
) {
  const liveRight = newestBar + pane.roomBars(span);
  const wanted = atMs === undefined ? liveRight : edgeAt(resolution, atMs);
  // After the newest bar there is only what comes.
  const isLive = atMs === undefined || wanted > newestBar + 1;
  const within = Math.min(liveRight, Math.max(wanted, oldestBar + span - 1));
  const right = isLive ? liveRight : within;
  const from = tileOf(Math.max(oldestBar, Math.min(newestBar, right - span)));
  const to = tileOf(Math.max(oldestBar, Math.min(newestBar, right)));
  const tiles = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return { right, isLive, tiles };
}

import type { Resolution } from '../../core/market/resolution.ts';
import { barStartMs, placeAt } from '../time/resolution.ts';
import type { ChartController } from './controller.ts';
import { tileOf } from './plan.ts';

/** What the chart shows: an instrument, and where in its time. */
export interface Place {
  readonly column: number;
  readonly resolution: Resolution;
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
  const wanted = atMs === undefined ? liveRight : placeAt(resolution, atMs);
  // After the newest bar there is only what comes.
  const isLive = atMs === undefined || wanted > newestBar + 1;
  const within = Math.min(liveRight, Math.max(wanted, oldestBar + span - 1));
  const right = isLive ? liveRight : within;
  const from = tileOf(Math.max(oldestBar, Math.min(newestBar, right - span)));
  const to = tileOf(Math.max(oldestBar, Math.min(newestBar, right)));
  const tiles = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return { right, isLive, tiles };
}

/** Go back to the newest bar. */
export function goLive(chart: ChartController): void {
  const { isReady, pane, window } = chart;
  if (isReady && window.reachesHead) pane.place(window.end - 1 + pane.roomBars(pane.span));
  else chart.reopen();
}

/** Show `atMs` at the right edge, as near to it as the market goes. */
export function goTo(chart: ChartController, atMs: number): void {
  const { isReady, pane, resolution, window } = chart;
  const right = placeAt(resolution, atMs);
  if (isReady && right - pane.span >= window.first && right < window.end - 1) pane.place(right);
  else chart.reopen(atMs);
}

/** Scroll by a number of bars, loading what it takes. */
export function scrollBy(chart: ChartController, bars: number): void {
  if (!hasBars(chart)) return;
  const { newestBar, oldestBar, pane, resolution, window } = chart;
  const { left, right } = pane.view;
  if (right + bars >= newestBar) goLive(chart);
  else if (left + bars >= window.first) nudge(chart, bars);
  else goTo(chart, barStartMs(resolution, Math.max(right + bars, oldestBar + right - left)));
}

/** Scroll at once, as far as there are bars. */
export function nudge(chart: ChartController, bars: number): void {
  if (!hasBars(chart)) return;
  const { pane, window } = chart;
  const { left, right } = pane.view;
  const { first, end, reachesHead } = window;
  const room = reachesHead ? pane.roomBars(pane.span) : 0;
  const most = Math.max(right, end - 1 + room);
  const least = Math.min(right, first + (right - left));
  pane.place(Math.min(most, Math.max(least, right + bars)));
  chart.settle();
}

/** Show `factor` times as many bars; bar number `anchor` stays where it is. */
export function zoom(chart: ChartController, factor: number, anchor?: number): void {
  if (!hasBars(chart)) return;
  const { isLive, pane, window } = chart;
  const { span, view } = pane;
  const around = anchor ?? (isLive ? window.end - 1 : view.right);
  const wanted = pane.limitSpan(span * factor);
  pane.place(around + (view.right - around) * (wanted / span), wanted);
}

export function resetZoom(chart: ChartController): void {
  chart.pane.resetPriceScale();
  zoom(chart, chart.pane.defaultSpan / chart.pane.span);
}

function hasBars({ isReady, window }: ChartController): boolean {
  return isReady && window.bars.length > 0;
}

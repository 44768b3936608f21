import { barStartMs, edgeAt } from '../time/resolution.ts';
import type { ChartController } from './controller.ts';

/** Go back to the newest bar. */
export function goLive(chart: ChartController): void {
  const { isReady, pane, window } = chart;
  if (isReady && window.reachesHead) pane.place(window.end - 1 + pane.roomBars(pane.span));
  else chart.reopen();
}

/** Show `atMs` at the right edge, as near to it as the market goes. */
export function goTo(chart: ChartController, atMs: number): void {
  const { isReady, pane, resolution, window } = chart;
  const right = edgeAt(resolution, atMs);
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

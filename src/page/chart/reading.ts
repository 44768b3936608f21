import type { Model } from '../model.ts';
import { barAt } from '../time/resolution.ts';
import type { ChartController } from './controller.ts';
import { type Bar, isEmpty } from './window.ts';

/** The bar whose numbers are shown above the chart, and why that one. */
export interface Reading {
  readonly bar: Bar;
  readonly kind: 'hovered' | 'current' | 'last visible';
}

/** What to read out: the bar under the pointer, else the newest, else the last one in view. */
export function currentReading(model: Model): Reading | undefined {
  const { chart } = model;
  if (chart === undefined || chart.phase.value.kind !== 'ready') return undefined;
  chart.changes.value;
  const { right } = chart.view.value;
  const hovered = chart.hovered.value;
  const under = hovered === undefined ? undefined : chart.window.at(hovered);
  if (under !== undefined && !isEmpty(under)) return { bar: under, kind: 'hovered' };
  const { bars } = chart.window;
  const newest = bars.at(-1);
  if (chart.isLive && newest !== undefined) return { bar: newest, kind: 'current' };
  const last = bars.slice(0, Math.floor(right) + 1 - chart.window.first).findLast(isFull) ?? newest;
  return last === undefined ? undefined : { bar: last, kind: 'last visible' };
}

/** The bars in view, oldest first; none while those asked for are not there. */
export function barsInView({ isReady, pane, window }: ChartController): readonly Bar[] {
  if (!isReady) return [];
  const { left, right } = pane.view;
  const { first, bars } = window;
  return bars
    .slice(Math.max(0, Math.ceil(left) - first), Math.max(0, Math.floor(right) + 1 - first))
    .filter(isFull);
}

const isFull = (bar: Bar): boolean => !isEmpty(bar);

/** Whether the picture has a bar that starts at `timeMs`. */
export function isHeld({ pane, resolution, window }: ChartController, timeMs: number): boolean {
  const bar = barAt(resolution, timeMs);
  return bar >= window.first && bar < pane.end;
}

/** Whether the picture shows exactly this bar. */
export function isDrawn({ pane, resolution }: ChartController, bar: Bar): boolean {
  return pane.isDrawn(barAt(resolution, bar.time), bar);
}

/** The start times of the first and last bar in view; undefined while there is none. */
export function visibleRange(model: Model): { fromMs: number; toMs: number } | undefined {
  const { chart } = model;
  if (chart === undefined || chart.phase.value.kind !== 'ready') return undefined;
  chart.view.value;
  chart.changes.value;
  const bars = barsInView(chart);
  const [first, last] = [bars[0], bars.at(-1)];
  return first && last ? { fromMs: first.time, toMs: last.time } : undefined;
}

/** How many bars newer than the view there are. */
export function barsBehind(model: Model): number {
  const { chart } = model;
  if (chart === undefined || chart.phase.value.kind !== 'ready') return 0;
  const newest = chart.newest.value;
  if (chart.window.bars.length === 0) return 0;
  const { right } = chart.view.value;
  return Math.max(0, newest - Math.floor(right + 0.5));
}

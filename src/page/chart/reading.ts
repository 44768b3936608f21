import type { Model } from '../model.ts';
import type { ChartController } from './controller.ts';
import { type Bar, isEmpty } from './window.ts';

/** The bars in view, oldest first; none while those asked for are not there. */
export function barsInView(chart: ChartController): readonly Bar[] {
  return placesInView(chart).filter(isFull);
}

/** The same, with those that have no prices. */
function placesInView({ isReady, pane, window }: ChartController): readonly Bar[] {
  if (!isReady) return [];
  const { left, right } = pane.view;
  const { first, bars } = window;
  return bars.slice(
    Math.max(0, Math.ceil(left) - first),
    Math.max(0, Math.floor(right) + 1 - first),
  );
}

export const isFull = (bar: Bar): boolean => !isEmpty(bar);

/** The start times of the first and last bar in view; undefined while there is none. */
export function visibleRange(model: Model): { fromMs: number; toMs: number } | undefined {
  const { chart } = model;
  if (chart === undefined || chart.phase.value.kind !== 'ready') return undefined;
  chart.view.value;
  chart.changes.value;
  const places = placesInView(chart);
  const [first, last] = [places[0], places.at(-1)];
  return first && last ? { fromMs: first.time, toMs: last.time } : undefined;
}

import type { Model } from '../model.ts';
import { isFull } from './reading.ts';
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
  const newest = bars.findLast(isFull);
  if (chart.isLive && newest !== undefined) return { bar: newest, kind: 'current' };
  const last = bars.slice(0, Math.floor(right) + 1 - chart.window.first).findLast(isFull) ?? newest;
  return last === undefined ? undefined : { bar: last, kind: 'last visible' };
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

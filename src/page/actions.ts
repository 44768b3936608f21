import type { Resolution } from '../core/market/resolution.ts';
import type { ChartType } from './chart/series.ts';
import { linkOf } from './link.ts';
import type { Model } from './model.ts';

/**
 * Show another instrument, at the same time and zoom. Back leads to the one before, unless that was
 * only passed by: one of many.
 */
export function chooseInstrument(model: Model, column: number, isOneOfMany = false): void {
  if (column === model.column.peek()) return;
  const atMs = model.chart?.atMs;
  // Back should find what is shown now, also if the address has not caught up with it yet.
  history.replaceState(null, '', linkOf(model));
  model.column.value = column;
  void model.chart?.open({ column, resolution: model.resolution.peek(), atMs });
  const url = linkOf(model);
  if (isOneOfMany) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  refreshTitle(model);
}

/** Show the same time in wider or narrower bars. */
export function chooseResolution(model: Model, resolution: Resolution): void {
  if (resolution.text === model.resolution.peek().text) return;
  const atMs = model.chart?.atMs;
  model.resolution.value = resolution;
  void model.chart?.open({ column: model.column.peek(), resolution, atMs });
}

export function chooseType(model: Model, type: ChartType): void {
  model.chosenType.value = type;
}

export function toggleVolume(model: Model): void {
  model.chosenVolume.value = !model.hasVolume.peek();
}

export function toggleZone(model: Model): void {
  model.zone.value = model.zone.peek() === 'utc' ? 'local' : 'utc';
}

export function refreshTitle(model: Model): void {
  document.title = `${model.instrument.peek().symbol} · Tickwell`;
}

import type { ChartType } from './chart/series.ts';
import { linkOf } from './link.ts';
import type { Model } from './model.ts';
import { lostZone, type ShownZone, UTC } from './time/zone.ts';

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
export function chooseResolution(model: Model, width: string): void {
  recut(model, () => {
    model.width.value = width;
  });
}

/** Show the same time by another clock, and in bars that are cut by it. */
export function chooseZone(model: Model, zone: ShownZone): void {
  recut(model, () => {
    model.zone.value = zone;
  });
}

/** Show the time in which an instrument is closed, or no longer. */
export function toggleNights(model: Model): void {
  recut(model, () => model.nights?.toggle());
}

/** The server knows no such zone, or another one by that name. */
export function leaveZone(model: Model): void {
  model.problems.value = [lostZone(model.zone.peek().text)];
  chooseZone(model, UTC);
}

/** What `change` does may cut bars otherwise. */
function recut(model: Model, change: () => void): void {
  const atMs = model.chart?.atMs;
  const before = model.resolution.peek();
  change();
  const resolution = model.resolution.peek();
  if (resolution.key === before.key) return;
  void model.chart?.open({ column: model.column.peek(), resolution, atMs });
}

export function chooseType(model: Model, type: ChartType): void {
  model.chosenType.value = type;
}

export function toggleVolume(model: Model): void {
  model.chosenVolume.value = !model.hasVolume.peek();
}

export function refreshTitle(model: Model): void {
  document.title = `${model.instrument.peek().symbol} · Tickwell`;
}

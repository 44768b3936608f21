import { batch } from '@preact/signals';
import { formatDuration, parseResolution, type Resolution } from '../core/market/resolution.ts';
import type { ChartType } from './chart/pane.ts';
import { type Model, viewOf } from './model.ts';
import { isOffered } from './time/resolution.ts';
import { readUrl, writeUrl } from './url.ts';

/**
 * Show another instrument, at the same time and zoom. Back leads to the one before, unless that was
 * only passed by: one of many.
 */
export function chooseInstrument(model: Model, column: number, isOneOfMany = false): void {
  if (column === model.column.peek()) return;
  const atMs = model.chart?.atMs;
  // Back should find what is shown now, also if the address has not caught up with it yet.
  history.replaceState(null, '', writeUrl(model.urlState()));
  model.column.value = column;
  void model.chart?.open({ column, resolution: model.resolution.peek(), atMs });
  const url = writeUrl(model.urlState());
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

/** Why the market has no bars of this resolution; undefined if it has. */
export function resolutionProblem(model: Model, text: string): string | undefined {
  const resolution = parseResolution(text);
  if (resolution === undefined) return 'A number and a unit: 30s, 2m, 4h, 3d or 1w.';
  if (isOffered(resolution, model.market.interval)) return undefined;
  return `A multiple of ${formatDuration(model.market.interval)}, the time between two prices.`;
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

export async function copyLink(model: Model): Promise<void> {
  const url = new URL(writeUrl(model.urlState()), location.href);
  await copyText(model, url.href, 'Link copied.');
}

export async function copyText(model: Model, text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    model.note(done, 'good');
  } catch {
    model.note('The browser did not allow copying.');
  }
}

/** Show what the address bar says; after Back and Forward. */
export function followUrl(model: Model): void {
  const url = readUrl(location.search);
  const view = viewOf(url, model.market);
  batch(() => {
    model.column.value = view.column;
    model.resolution.value = view.resolution;
    model.chosenType.value = url.type;
    model.chosenVolume.value = url.volume;
    model.zone.value = view.zone;
  });
  const [column, resolution] = [model.column.peek(), model.resolution.peek()];
  void model.chart?.open({ column, resolution, atMs: url.atMs, span: url.bars });
  refreshTitle(model);
}

export function refreshTitle(model: Model): void {
  document.title = `${model.instrument.peek().symbol} · Tickwell`;
}

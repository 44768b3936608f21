import { batch } from '@preact/signals';
import type { ChartType } from './chart/pane.ts';
import type { Model } from './model.ts';
import { isOffered, parseResolution, type Resolution } from './time/resolution.ts';
import { readUrl, writeUrl } from './url.ts';

/** Show another instrument, at the same time and zoom. */
export function chooseInstrument(model: Model, column: number): void {
  if (column === model.column.peek()) return;
  const atMs = model.chart?.atMs;
  // Back should find what is shown now, also if the address has not caught up with it yet.
  history.replaceState(null, '', writeUrl(model.urlState()));
  model.column.value = column;
  void model.chart?.open({ column, resolution: model.resolution.peek(), atMs });
  history.pushState(null, '', writeUrl(model.urlState()));
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
  return `A multiple of ${model.market.interval / 1000} s, the time between two prices.`;
}

export function chooseType(model: Model, type: ChartType): void {
  model.chosenType.value = type;
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
  const found = model.market.instruments.findIndex(({ symbol }) => symbol === url.symbol);
  const asked = parseResolution(url.resolution ?? '');
  batch(() => {
    model.column.value = Math.max(0, found);
    if (asked && isOffered(asked, model.market.interval)) model.resolution.value = asked;
    model.chosenType.value = url.type;
    model.zone.value = url.zone ?? 'utc';
  });
  const [column, resolution] = [model.column.peek(), model.resolution.peek()];
  void model.chart?.open({ column, resolution, atMs: url.atMs, span: url.bars });
  refreshTitle(model);
}

export function refreshTitle(model: Model): void {
  document.title = `${model.instrument.peek().symbol} · Tickwell`;
}

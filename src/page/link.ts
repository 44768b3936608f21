import type { Resolution } from '../core/market/resolution.ts';
import type { Model } from './model.ts';
import { UTC } from './time/zone.ts';
import { writeUrl } from './url.ts';

/** The query of the link that shows what is on the screen now. */
export function linkOf(model: Model): string {
  const { chart, themes } = model;
  const atMs = chart?.atMs;
  const resolution = model.resolution.peek();
  const zone = model.zone.peek();
  return writeUrl({
    symbol: model.instrument.peek().symbol,
    resolution: resolution.text,
    type: model.chosenType.peek(),
    volume: model.chosenVolume.peek(),
    nights: model.nights?.linked,
    atMs: atMs === undefined ? undefined : readableMs(atMs, resolution),
    bars: chart?.span,
    zone: zone === UTC ? undefined : zone.text,
    theme: themes.isLinked ? themes.theme.peek() : undefined,
  });
}

/** Whole seconds wherever a bar is a minute or more: links are read by people. */
function readableMs(timeMs: number, { ms }: Resolution): number {
  const unitMs = ms >= 60_000 ? 1_000 : 1;
  return Math.round(timeMs / unitMs) * unitMs;
}

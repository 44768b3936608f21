import type { Model } from '../model.ts';

/** Where the bars in view are, in pixels from the left of the plot. */
export interface Room {
  readonly widthPx: number;
  /** Of a place among the bars: a bar's number is where it begins. */
  readonly x: (place: number) => number;
  /** The places at its edges. */
  readonly left: number;
  readonly right: number;
}

export function roomOf({ chart }: Model): Room | undefined {
  if (chart === undefined || chart.phase.value.kind !== 'ready') return undefined;
  chart.changes.value;
  const { left, right } = chart.view.value;
  const widthPx = chart.pane.width;
  const barPx = widthPx / (right - left + 1);
  return { widthPx, left, right: right + 1, x: (place) => widthPx - (right + 1 - place) * barPx };
}

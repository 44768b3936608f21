import type { GbmParameters } from './models/gbm.ts';

/** Which rule an instrument's prices follow, with its parameters. */
export type ModelSpec = { readonly kind: 'walk' } | ({ readonly kind: 'gbm' } & GbmParameters);

/** A thing with a price. Its column is its position in the market's list. */
export interface Instrument {
  readonly symbol: string;
  readonly name: string;
  readonly model: ModelSpec;
  /** What one tick is worth. */
  readonly tickSize: number;
  /** Decimals of a price as text. */
  readonly decimals: number;
  /** The price at row 0. */
  readonly startTicks: number;
  readonly minTicks: number;
  readonly maxTicks: number;
}

/** Decimals that the shortest text of `value` has: 2 for 0.25, 4 for 0.0001, 0 for 5. */
export function decimalsOf(value: number): number {
  const [digits, exponent] = String(value).split('e');
  const fraction = digits!.split('.')[1] ?? '';
  return Math.max(0, fraction.length - Number(exponent ?? 0));
}

/** A price of `ticks` as text, with the instrument's decimals and no grouping. */
export function formatPrice(instrument: Pick<Instrument, 'tickSize' | 'decimals'>, ticks: number) {
  return (ticks * instrument.tickSize).toFixed(instrument.decimals);
}

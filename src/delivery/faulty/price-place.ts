import { formatPrice, type Instrument } from '../../core/market/instrument.ts';
import type { Frame } from '../encoder.ts';
import { withMessages } from './framing.ts';
import type { PriceChange, PriceField } from './harm-form.ts';
import { wrongValue } from './wrong-value.ts';

/** Where a price stands that is a number or a text in JSON. */
// biome-ignore lint/suspicious/noExplicitAny: what JSON holds beside is left alone.
export type Place = any;

/** What a price is counted in. */
export type Unit = Pick<Instrument, 'tickSize' | 'decimals'>;

/** A price, and how it is written. */
export interface Priced {
  readonly instrument: Unit;
  readonly field: PriceField;
  /** Default: as a price with the instrument's decimals. */
  readonly text?: (ticks: number) => string;
}

/** Changes the price at `place[key]`, if there is one: a text stays one, unless that is wrong. */
export function harmPrice(
  place: Place,
  key: string | number,
  change: PriceChange,
  { instrument, field, text = (ticks) => formatPrice(instrument, ticks) }: Priced,
): void {
  const right: unknown = place?.[key];
  if (right === undefined || right === null) return;
  const ticks = Math.round(Number(right) / instrument.tickSize);
  const write = (wrong: number) => (typeof right === 'string' ? text(wrong) : Number(text(wrong)));
  place[key] = wrongValue(right, change.of(ticks, field), write);
}

/** Adds to the number at `place[key]`, if there is one. */
export function shift(place: Place, key: string | number, by: number): void {
  if (typeof place?.[key] === 'number') place[key] += by;
}

/** The JSON messages of a frame, each changed; the last one is told that it is. */
export function withEachMessage(
  frame: Frame,
  change: (json: Place, isLast: boolean) => void,
): Frame {
  let left = 0;
  withMessages(frame, () => {
    left += 1;
  });
  return withMessages(frame, (json) => {
    left -= 1;
    change(json, left === 0);
  });
}

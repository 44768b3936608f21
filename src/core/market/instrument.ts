import type { CalendarSpec } from './calendar/calendar-spec.ts';
import type { Listing } from './listing.ts';
import type { ModelSpec } from './models/parameters.ts';

/**
 * How an instrument is traded: decides its quotes and volumes, and of the model `market` at what is
 * paid.
 */
export interface Trading {
  /** Distance of ask and bid in ordinary hours, in ticks; of `market` at the start price. */
  readonly spreadTicks: number;
  /** Trades of a day, on average; a price that moves by itself has at least one in each row. */
  readonly tradesPerDay: number;
  /** Lots of a trade, on average. */
  readonly lotsPerTrade: number;
}

/** What is traded where nothing is said: two trades a second, ten lots together. */
export const DEFAULT_TRADING: Trading = { spreadTicks: 2, tradesPerDay: 172_800, lotsPerTrade: 5 };

export function isDefaultTrading({ spreadTicks, tradesPerDay, lotsPerTrade }: Trading): boolean {
  return (
    spreadTicks === DEFAULT_TRADING.spreadTicks &&
    tradesPerDay === DEFAULT_TRADING.tradesPerDay &&
    lotsPerTrade === DEFAULT_TRADING.lotsPerTrade
  );
}

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
  /** Instruments of a sector move together under the model `market`; empty for none. */
  readonly sector: string;
  /** When it trades. */
  readonly calendar: CalendarSpec;
  readonly trading: Trading;
  readonly listing: Listing;
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

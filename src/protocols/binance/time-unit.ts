import { invalid } from './errors.ts';

/** In what times are told. */
export type TimeUnit = 'ms' | 'us';

const UNITS: ReadonlyMap<string, TimeUnit> = new Map([
  ['MILLISECOND', 'ms'],
  ['MICROSECOND', 'us'],
]);

/** What a client wants, in capitals or not. Throws a `BinanceError` if there is no such unit. */
export function timeUnitOf(name: string, given: unknown): TimeUnit {
  if (given === undefined || given === '') return 'ms';
  const unit = typeof given === 'string' ? UNITS.get(given.toUpperCase()) : undefined;
  if (unit === undefined) throw invalid(name);
  return unit;
}

/** A time of so many milliseconds, in a unit. */
export function timeIn(unit: TimeUnit, ms: number): number {
  return unit === 'ms' ? ms : ms * 1000;
}

/** Of `cacheMb`: ten whole answers, and a year of hourly candles of a hundred instruments. */
export const DEFAULT_CACHE_MB = 96;
/** All of a large machine. */
export const MOST_CACHE_MB = 65_536;

/** What candles that are made in the background may take of so much. */
export function candlesMb(cacheMb: number): number {
  return cacheMb / 3;
}

/**
 * The instruments of a table, a line each: symbol, then numbers, then the name, with spaces
 * between; blank lines do not count. `make` gives what else is said of one.
 */
export function instrumentsOf(
  table: string,
  numbers: number,
  make: (values: readonly number[]) => Readonly<Record<string, unknown>>,
): readonly Readonly<Record<string, unknown>>[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [symbol, ...rest] = line.trim().split(/\s+/);
      const values = rest.slice(0, numbers).map(Number);
      return { symbol, name: rest.slice(numbers).join(' '), ...make(values) };
    });
}

/** The growth of the mean price a year at which the logarithm has this trend. */
export function driftOf(trend: number, volatility: number): number {
  // To a millionth: what is written down is to be short.
  return Math.floor((trend + (volatility * volatility) / 2) * 1e6 + 0.5) / 1e6;
}

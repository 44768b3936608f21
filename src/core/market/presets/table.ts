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

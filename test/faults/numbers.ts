/** The value that a part `at` (from 0 to 1) of `values` does not exceed; NaN of none. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = Float64Array.from(values).sort();
  const index = Math.ceil(at * sorted.length) - 1;
  return sorted[Math.max(0, Math.min(sorted.length - 1, index))] ?? Number.NaN;
}

/** `p50 12 ms, p99 340 ms, most 1,020 ms`. */
export function spread(valuesMs: readonly number[]): string {
  if (valuesMs.length === 0) return 'none';
  const [p50, p99, most] = [0.5, 0.99, 1].map((at) => whole(quantile(valuesMs, at)));
  return `p50 ${p50} ms, p99 ${p99} ms, most ${most} ms`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

export function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? 'not told here' : `${whole(bytes / 2 ** 20)} MiB`;
}

/** Lines of two columns. */
export function table(rows: readonly (readonly [name: string, value: string | number])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(([name, value]) => {
      const text = typeof value === 'number' ? whole(value) : value;
      return `  ${name.padEnd(width)}  ${text}\n`;
    })
    .join('');
}

/** Single trades of consecutive rows: of some columns, one after the other. */
export interface TradeLists {
  /** The number of the first trade of each column, were there one. */
  readonly first: readonly number[];
  /** How many each column has. */
  readonly counts: readonly number[];
  /** Microseconds after `since`, the time of the row before the first. */
  readonly micros: Float64Array;
  readonly prices: Float64Array;
  readonly lots: Float64Array;
  readonly sides: Uint8Array;
}

/** Room for so many trades of columns. */
export function newTradeLists(first: readonly number[], counts: readonly number[]): TradeLists {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const values = () => new Float64Array(total);
  return {
    ...{ first, counts, micros: values(), prices: values(), lots: values() },
    sides: new Uint8Array(total),
  };
}

/** Microseconds after a whole time as a time in milliseconds, with up to three decimals. */
export function tradeTimeText(sinceMs: number, micros: number): string {
  const ms = Math.floor(micros / 1000);
  const whole = sinceMs + ms;
  const rest = micros - ms * 1000;
  if (rest === 0) return String(whole);
  // What is after a whole one is nearer to 0.
  const [sign, size, part] = whole < 0 ? ['-', -whole - 1, 1000 - rest] : ['', whole, rest];
  return `${sign}${size}.${String(1000 + part)
    .slice(1)
    .replace(/0+$/, '')}`;
}

/** A whole number, exact: a `bigint` beyond 2^53, where numbers no longer are. */
export type Exact = number | bigint;

const UNIT = 2 ** 52;
const UNIT_BITS = 52;

/**
 * A sum of whole numbers that never is rounded: `high * 2^52 + low`, with `low` in [0, 2^52). Sums
 * of both parts are whole numbers below 2^53, so adding makes no object and needs no `bigint`; in
 * nearly all of them `high` is 0. It can be kept as two floats.
 */
export class ExactSum {
  high = 0;
  low = 0;

  clear(): void {
    this.high = 0;
    this.low = 0;
  }

  /** The sum: a number, if it is a safe integer. */
  get value(): Exact {
    const { high, low } = this;
    if (high >= -1 && high <= 1) return high * UNIT + low;
    return (BigInt(high) << BigInt(UNIT_BITS)) + BigInt(low);
  }

  /** Adds a whole number within (-2^52, 2^52). */
  add(value: number): void {
    this.addParts(0, value);
  }

  /** Adds `high * 2^52 + low`; `low` is within (-2^52, 2^52). */
  addParts(high: number, low: number): void {
    this.high += high;
    this.low += low;
    if (this.low >= UNIT) {
      this.low -= UNIT;
      this.high += 1;
    } else if (this.low < 0) {
      this.low += UNIT;
      this.high -= 1;
    }
  }

  addSum({ high, low }: ExactSum): void {
    this.addParts(high, low);
  }

  /** Adds the product of two safe integers, however large it is. */
  addProduct(a: number, b: number): void {
    const product = a * b;
    if (isAddable(product)) {
      this.addParts(0, product);
      return;
    }
    const exact = BigInt(a) * BigInt(b);
    this.addParts(Number(exact >> BigInt(UNIT_BITS)), Number(BigInt.asUintN(UNIT_BITS, exact)));
  }
}

/** Whether a float that whole numbers came to is exact, and small enough to be added. */
export function isAddable(value: number): boolean {
  return value > -UNIT && value < UNIT;
}

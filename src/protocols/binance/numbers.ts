import type { Exact } from '../../core/market/exact-sum.ts';
import { formatPrice, type Instrument } from '../../core/market/instrument.ts';

/** Decimals of all numbers, as clients expect them; more where a tick has more. */
const DECIMALS = 8;
const ZEROS = '0'.repeat(DECIMALS);

/** How the numbers of an instrument are written: each once, from exact whole numbers. */
export class Numbers {
  readonly #instrument: Instrument;
  readonly #decimals: number;
  /** What follows a price that has fewer decimals. */
  readonly #padding: string;
  /** A tick, in units of the last decimal. */
  readonly #tick: bigint;

  constructor(instrument: Instrument) {
    const { tickSize, decimals } = instrument;
    this.#instrument = instrument;
    this.#decimals = Math.max(DECIMALS, decimals);
    this.#padding = (decimals === 0 ? '.' : '') + ZEROS.slice(decimals);
    const digits = tickSize.toFixed(decimals).replace('.', '');
    this.#tick = BigInt(digits + ZEROS.slice(decimals));
  }

  /** A price of so many ticks. */
  price(ticks: number): string {
    return formatPrice(this.#instrument, ticks) + this.#padding;
  }

  /** What was paid: the sum of ticks x lots. */
  paid(notional: Exact): string {
    return decimalText(BigInt(notional) * this.#tick, this.#decimals);
  }

  /** What was paid for each of so many lots, on average; nothing, if there are none. */
  average(notional: Exact, lots: number): string {
    const units = BigInt(notional) * this.#tick;
    return decimalText(lots === 0 ? 0n : rounded(units, BigInt(lots)), this.#decimals);
  }
}

/** So many lots. */
export function quantityText(lots: number): string {
  return `${lots}.${ZEROS}`;
}

/** How many hundredths `part` is of `whole`, to three decimals; nothing, if that is nothing. */
export function percentText(part: number, whole: number): string {
  return decimalText(whole === 0 ? 0n : rounded(BigInt(part) * 100_000n, BigInt(whole)), 3);
}

/** A whole number of units of the last of so many decimals. */
function decimalText(units: bigint, decimals: number): string {
  const isNegative = units < 0n;
  const digits = String(isNegative ? -units : units).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  return `${isNegative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The nearest whole number to a quotient, half a unit away from zero. */
function rounded(dividend: bigint, divisor: bigint): bigint {
  const isNegative = dividend < 0n !== divisor < 0n;
  const [whole, by] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  const quotient = (2n * whole + by) / (2n * by);
  return isNegative ? -quotient : quotient;
}

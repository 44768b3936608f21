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
  paid(tickLots: bigint): string {
    return decimalText(tickLots * this.#tick, this.#decimals);
  }

  /** What was paid for each of so many lots, on average. */
  average(tickLots: bigint, lots: bigint): string {
    return decimalText(lots === 0n ? 0n : rounded(tickLots * this.#tick, lots), this.#decimals);
  }
}

/** So many lots. */
export function quantityText(lots: number): string {
  return `${lots}.${ZEROS}`;
}

/** How many hundredths `part` is of `whole`, to three decimals; nothing, if that is nothing. */
export function percentText(part: bigint, whole: bigint): string {
  return decimalText(whole === 0n ? 0n : rounded(part * 100_000n, whole), 3);
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

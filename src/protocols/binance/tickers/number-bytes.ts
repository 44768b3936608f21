/** Bytes of JSON that are written number by number: no text is made of any. */

const ZERO = 48;
const POINT = 46;
/** Whole numbers below that are divided as such, not as floats. */
const SMALL = 1e9;
const SMALL_DIGITS = 9;
const POWERS = Array.from({ length: 16 }, (_, n) => Number(`1e${n}`));

/** Decimals that a number may have here. */
export const MOST_DECIMALS = POWERS.length - 1;

export class NumberBytes {
  #bytes: Buffer;
  #at = 0;

  /** Room for so many bytes to begin with. */
  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafe(bytes);
  }

  /** What has been written, in memory of its own; then it is empty. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }

  /** Makes room for so many bytes more. */
  reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + bytes);
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  /** There must be room for all of these. */
  put(bytes: Uint8Array): void {
    const out = this.#bytes;
    let at = this.#at;
    for (let n = 0; n < bytes.length; n++) out[at++] = bytes[n]!;
    this.#at = at;
  }

  /** Text of Latin-1. */
  text(text: string): void {
    this.#at += this.#bytes.write(text, this.#at, 'latin1');
  }

  /** A safe integer from 0 on. */
  whole(value: number): void {
    if (value < SMALL) {
      this.#digits(value, digitsOf(value));
      return;
    }
    const high = Math.floor(value / SMALL);
    this.whole(high);
    this.#digits(value - high * SMALL, SMALL_DIGITS);
  }

  /** So many units of the last of `decimals`, at most `MOST_DECIMALS`, and `zeros` behind it. */
  decimal(units: number, decimals: number, zeros: number): void {
    const power = POWERS[decimals]!;
    const whole = decimals === 0 ? units : Math.floor(units / power);
    this.whole(whole);
    this.#bytes[this.#at++] = POINT;
    if (decimals > 0) this.#padded(units - whole * power, decimals);
    for (let n = 0; n < zeros; n++) this.#bytes[this.#at++] = ZERO;
  }

  /** A whole number in so many digits. */
  #padded(value: number, digits: number): void {
    if (digits <= SMALL_DIGITS) {
      this.#digits(value, digits);
      return;
    }
    const high = Math.floor(value / SMALL);
    this.#padded(high, digits - SMALL_DIGITS);
    this.#digits(value - high * SMALL, SMALL_DIGITS);
  }

  /** The same of one below `SMALL`. */
  #digits(value: number, digits: number): void {
    const out = this.#bytes;
    let rest = value | 0;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const next = (rest / 10) | 0;
      out[at] = ZERO + rest - 10 * next;
      rest = next;
    }
    this.#at += digits;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  while (value >= POWERS[digits]!) digits += 1;
  return digits;
}

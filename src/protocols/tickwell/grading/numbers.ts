import { parseTime } from '../../../core/market/time.ts';

/** Numbers and times of recordings, of bytes: a text for each would take five times as long. */

export const TIME_RULE = 'must be whole milliseconds since 1970 or RFC 3339 text with a zone';
export const ID_RULE = 'must be the number of a trade, a whole one';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const DOT = 0x2e;
/** So many digits are a whole number that a float64 has, and powers of ten are exact as far. */
const EXACT_DIGITS = 15;
const TENS = Array.from({ length: EXACT_DIGITS + 1 }, (_, n) => Number(`1e${n}`));

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The number that the bytes `[from, next)` are the text of; NaN if they are that of none. */
export function numberIn(bytes: Buffer, from: number, next: number): number {
  let at = from;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at += 1;
  let whole = 0;
  let digits = 0;
  let decimals = -1;

  for (; at < next; at++) {
    const byte = bytes[at]!;
    if (byte >= ZERO && byte <= NINE) {
      whole = whole * 10 + (byte - ZERO);
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (byte === DOT && decimals < 0) decimals = 0;
    else return slowNumberIn(bytes, from, next);
  }

  if (digits === 0 || digits > EXACT_DIGITS) return slowNumberIn(bytes, from, next);
  // Both are exact: so the nearest to the quotient is the nearest to what the text says.
  const value = decimals > 0 ? whole / TENS[decimals]! : whole;
  return isNegative ? -value : value;
}

function slowNumberIn(bytes: Buffer, from: number, next: number): number {
  const text = bytes.toString('latin1', from, next).trim();
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/** The number that a value of JSON is, or is the text of; NaN if it is neither. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : Number.NaN;
}

/** The number of a trade that a text is of; undefined if it is that of none. */
export function idOf(text: string): number | undefined {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Milliseconds since 1970 of whole ones or RFC 3339 text; undefined if a text is neither. */
export function msOf(text: string): number | undefined {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : parseTime(text);
}

/** Microseconds since 1970 of milliseconds with up to three decimals, or text with up to six. */
export function microsOf(text: string): number {
  const number = /^(-?)(\d{1,15})(?:\.(\d{1,3}))?$/.exec(text);
  if (number !== null) {
    const [, sign, ms, part = ''] = number;
    const micros = Number(ms) * 1000 + Number(part.padEnd(3, '0'));
    return sign === '-' ? -micros : micros;
  }
  const [, before, part = '', after] = /^(.*?\.\d{3})(\d{1,3})(\D.*)$/s.exec(text) ?? [];
  const ms = parseTime(before === undefined ? text : before + after);
  return ms === undefined ? Number.NaN : ms * 1000 + Number(part.padEnd(3, '0'));
}

/** Steps, as bits, turned into prices: eight at a time by table, two to a number where they fit. */
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';

/**
 * What the eight steps of a byte do, lowest bit first and 1 for up: `STEPS` where each of them
 * starts, `PAIRS` the same two to a number for 16-bit prices, then their sum, lowest and highest.
 */
const STEPS = new Int8Array(256 * 8);
const PAIRS = new Int32Array(256 * 4);
export const SUM = new Int8Array(256);
export const LOWEST = new Int8Array(256);
export const HIGHEST = new Int8Array(256);
for (let byte = 0; byte < 256; byte++) {
  let sum = 0;
  for (let bit = 0; bit < 8; bit++) {
    STEPS[byte * 8 + bit] = sum;
    LOWEST[byte] = Math.min(LOWEST[byte]!, sum);
    HIGHEST[byte] = Math.max(HIGHEST[byte]!, sum);
    sum += (byte >> bit) & 1 ? 1 : -1;
  }
  SUM[byte] = sum;
  for (let pair = 0; pair < 4; pair++) {
    const first = STEPS[byte * 8 + pair * 2]!;
    PAIRS[byte * 4 + pair] = (first + STEPS[byte * 8 + pair * 2 + 1]! * 0x1_0000) | 0;
  }
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The sum of the steps `[from, next)`. */
export function sumOf(bits: Uint32Array, from: number, next: number): number {
  let sum = 0;
  let i = from;
  for (; i < next && (i & 7) !== 0; i++) sum += stepAt(bits, i);
  for (; i + 8 <= next; i += 8) sum += SUM[(bits[i >> 5]! >>> (i & 24)) & 0xff]!;
  for (; i < next; i++) sum += stepAt(bits, i);
  return sum;
}

/** What step `i` adds: 1 or -1. */
export function stepAt(bits: Uint32Array, i: number): number {
  return (((bits[i >> 5]! >>> (i & 31)) & 1) << 1) - 1;
}

/** Steps whose distance from the walls is looked at once: farther off, no step needs folding. */
const STRETCH_WORDS = 16;
const STRETCH_ROWS = STRETCH_WORDS * 32;

/**
 * Fills the rows `[from, next)` of `out`, all unless said, with the path of `bits` that is at
 * `start` in `[0, period)` in row `from`, folded onto prices.
 */
export function fillPath(
  out: Prices,
  bits: Uint32Array,
  start: number,
  min: number,
  period: number,
  from = 0,
  next = BLOCK_ROWS,
): void {
  const half = period / 2;
  const pairs =
    out instanceof Uint16Array && LITTLE_ENDIAN && out.byteOffset % 4 === 0
      ? new Uint32Array(out.buffer, out.byteOffset, BLOCK_ROWS / 2)
      : undefined;
  let r = start;

  const first = Math.min(next, Math.ceil(from / STRETCH_ROWS) * STRETCH_ROWS);
  if (from < first) r = fillBetweenWalls(out, bits, from, first, r, min, period);
  const last = Math.max(first, next - (next % STRETCH_ROWS));
  for (let word = first / 32; word < last / 32; word += STRETCH_WORDS) {
    const rising = r < half;
    const distance = rising ? r : period - 1 - r;
    if (distance < STRETCH_ROWS || distance >= half - STRETCH_ROWS) {
      const row = word * 32;
      r = fillBetweenWalls(out, bits, row, row + STRETCH_ROWS, r, min, period);
    } else {
      const turn = rising ? 0 : -1;
      const price = min + distance;
      const end =
        pairs === undefined
          ? fillSteps(out, bits, word, price, turn)
          : fillPairs(pairs, bits, word, price, turn);
      r += rising ? end - price : price - end;
    }
  }

  if (last < next) fillBetweenWalls(out, bits, last, next, r, min, period);
}

/**
 * One stretch that no wall disturbs, from `start`; gives the price after it. `turn` -1 mirrors it.
 */
function fillSteps(
  out: Prices,
  bits: Uint32Array,
  word: number,
  start: number,
  turn: number,
): number {
  let at = start;

  for (let w = word, i = word * 32; w < word + STRETCH_WORDS; w++) {
    const steps = bits[w]! ^ turn;
    for (let shift = 0; shift < 32; shift += 8, i += 8) {
      const byte = (steps >>> shift) & 0xff;
      const step = byte << 3;
      out[i] = at;
      out[i + 1] = at + STEPS[step + 1]!;
      out[i + 2] = at + STEPS[step + 2]!;
      out[i + 3] = at + STEPS[step + 3]!;
      out[i + 4] = at + STEPS[step + 4]!;
      out[i + 5] = at + STEPS[step + 5]!;
      out[i + 6] = at + STEPS[step + 6]!;
      out[i + 7] = at + STEPS[step + 7]!;
      at += SUM[byte]!;
    }
  }

  return at;
}

/**
 * The same for 16-bit prices, two to a 32-bit number: no price leaves its bits, so none carries.
 */
function fillPairs(
  out: Uint32Array,
  bits: Uint32Array,
  word: number,
  start: number,
  turn: number,
): number {
  let at = start | 0;

  for (let w = word, i = word * 16; w < word + STRETCH_WORDS; w++, i += 16) {
    const steps = bits[w]! ^ turn;
    let byte = steps & 0xff;
    let both = Math.imul(at, 0x1_0001);
    out[i] = both + PAIRS[byte << 2]!;
    out[i + 1] = both + PAIRS[(byte << 2) + 1]!;
    out[i + 2] = both + PAIRS[(byte << 2) + 2]!;
    out[i + 3] = both + PAIRS[(byte << 2) + 3]!;
    at += SUM[byte]!;
    byte = (steps >>> 8) & 0xff;
    both = Math.imul(at, 0x1_0001);
    out[i + 4] = both + PAIRS[byte << 2]!;
    out[i + 5] = both + PAIRS[(byte << 2) + 1]!;
    out[i + 6] = both + PAIRS[(byte << 2) + 2]!;
    out[i + 7] = both + PAIRS[(byte << 2) + 3]!;
    at += SUM[byte]!;
    byte = (steps >>> 16) & 0xff;
    both = Math.imul(at, 0x1_0001);
    out[i + 8] = both + PAIRS[byte << 2]!;
    out[i + 9] = both + PAIRS[(byte << 2) + 1]!;
    out[i + 10] = both + PAIRS[(byte << 2) + 2]!;
    out[i + 11] = both + PAIRS[(byte << 2) + 3]!;
    at += SUM[byte]!;
    byte = steps >>> 24;
    both = Math.imul(at, 0x1_0001);
    out[i + 12] = both + PAIRS[byte << 2]!;
    out[i + 13] = both + PAIRS[(byte << 2) + 1]!;
    out[i + 14] = both + PAIRS[(byte << 2) + 2]!;
    out[i + 15] = both + PAIRS[(byte << 2) + 3]!;
    at += SUM[byte]!;
  }

  return at;
}

/** One stretch from `start` in `[0, period)`, folded at every step; gives where it ends. */
function fillBetweenWalls(
  out: Prices,
  bits: Uint32Array,
  from: number,
  next: number,
  start: number,
  min: number,
  period: number,
): number {
  const half = period / 2;
  let r = start;

  for (let i = from; i < next; i++) {
    out[i] = min + (r < half ? r : period - 1 - r);
    r += (((bits[i >> 5]! >>> (i & 31)) & 1) << 1) - 1;
    if (r < 0) r += period;
    else if (r === period) r = 0;
  }

  return r;
}

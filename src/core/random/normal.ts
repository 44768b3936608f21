/**
 * Exact normal variates: the inverse of the normal distribution, by table.
 *
 * A 32-bit word names a place in the distribution: its top bit the sign, the other 31 bits `m` the
 * upper tail probability p = (m + 1/2) / 2^32. Three tables hold the quantile function, each part
 * as a cubic through four of its points:
 *
 *     m   0 .. 63        the quantiles themselves
 *         64 .. 2^27     64 segments an octave
 *         2^27 .. 2^31   segments of 2^21, signs included: fifteen words of sixteen come here
 *
 * Error below 1e-9 against the exact quantile (held by a test).
 */
import { log } from './kernels.ts';

const TWO_32 = 0x1_0000_0000;
const FAR = 64;
const MIDDLE_FROM = 0x800_0000;
const MIDDLE_BITS = 21;
const MIDDLE_WIDTH = 1 << MIDDLE_BITS;
const OCTAVES = 21;

const FAR_TAIL = Float64Array.from({ length: FAR }, (_, m) => upperQuantile((m + 0.5) / TWO_32));
/** Four coefficients a segment, lowest power first, 64 segments an octave. */
const TAIL = tailCubics();
/** The same, a segment for each value of a word's top 11 bits. */
const MIDDLE = middleCubics();
/** `UNIT_OF_OCTAVE[o]` is 2^-o: the reciprocal of a segment's width in octave `o`. */
const UNIT_OF_OCTAVE = Float64Array.from({ length: OCTAVES }, (_, octave) => 1 / (1 << octave));

/**
 * The z > 0 that a normal variate exceeds with probability `p`, for 2^-33 <= p <= 1/2.
 *
 * Source: M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution",
 * Applied Statistics 37 (1988), routine PPND16; relative accuracy about 1e-16. Its third region
 * (p below 1.4e-11) is never reached by a 32-bit word.
 */
export function upperQuantile(p: number): number {
  const q = 0.5 - p;
  if (q <= 0.425) {
    const r = 0.180625 - q * q;
    let top = 2509.0809287301227;
    top = top * r + 33430.57558358813;
    top = top * r + 67265.7709270087;
    top = top * r + 45921.95393154987;
    top = top * r + 13731.69376550946;
    top = top * r + 1971.5909503065513;
    top = top * r + 133.14166789178438;
    top = top * r + 3.3871328727963665;
    let bottom = 5226.495278852854;
    bottom = bottom * r + 28729.085735721943;
    bottom = bottom * r + 39307.89580009271;
    bottom = bottom * r + 21213.794301586597;
    bottom = bottom * r + 5394.196021424751;
    bottom = bottom * r + 687.1870074920579;
    bottom = bottom * r + 42.31333070160091;
    bottom = bottom * r + 1;
    return (top * q) / bottom;
  }
  const r = Math.sqrt(-log(p)) - 1.6;
  let top = 0.0007745450142783414;
  top = top * r + 0.022723844989269184;
  top = top * r + 0.2417807251774506;
  top = top * r + 1.2704582524523684;
  top = top * r + 3.6478483247632045;
  top = top * r + 5.769497221460691;
  top = top * r + 4.630337846156546;
  top = top * r + 1.4234371107496835;
  let bottom = 1.0507500716444169e-9;
  bottom = bottom * r + 0.0005475938084995345;
  bottom = bottom * r + 0.015198666563616457;
  bottom = bottom * r + 0.14810397642748008;
  bottom = bottom * r + 0.6897673349851;
  bottom = bottom * r + 1.6763848301838038;
  bottom = bottom * r + 2.053191626637759;
  bottom = bottom * r + 1;
  return top / bottom;
}

function tailCubics(): Float64Array {
  const table = new Float64Array(OCTAVES * FAR * 4);
  for (let octave = 0, at = 0; octave < OCTAVES; octave++) {
    const width = 1 << octave;
    for (let segment = 0; segment < FAR; segment++, at += 4) {
      putCubic(table, at, (FAR + segment) * width, width, 1);
    }
  }
  return table;
}

function middleCubics(): Float64Array {
  const segments = 0x8000_0000 / MIDDLE_WIDTH;
  const table = new Float64Array(2 * segments * 4);
  for (let segment = MIDDLE_FROM / MIDDLE_WIDTH; segment < segments; segment++) {
    putCubic(table, segment * 4, segment * MIDDLE_WIDTH, MIDDLE_WIDTH, 1);
    putCubic(table, (segments + segment) * 4, segment * MIDDLE_WIDTH, MIDDLE_WIDTH, -1);
  }
  return table;
}

/** Puts the cubic in t from 0 to 1 that meets the quantiles of `left + t * width` at thirds. */
function putCubic(table: Float64Array, at: number, left: number, width: number, sign: number) {
  const y0 = sign * upperQuantile(left / TWO_32);
  const y1 = sign * upperQuantile((left + width / 3) / TWO_32);
  const y2 = sign * upperQuantile((left + (2 * width) / 3) / TWO_32);
  const y3 = sign * upperQuantile((left + width) / TWO_32);
  table[at] = y0;
  table[at + 1] = (-11 * y0 + 18 * y1 - 9 * y2 + 2 * y3) / 2;
  table[at + 2] = (9 * (2 * y0 - 5 * y1 + 4 * y2 - y3)) / 2;
  table[at + 3] = (9 * (-y0 + 3 * y1 - 3 * y2 + y3)) / 2;
}

/** The standard normal variate of one 32-bit `word`. */
export function normalOf(word: number): number {
  const m = word & 0x7fff_ffff;
  if (m < MIDDLE_FROM) return (1 - 2 * (word >>> 31)) * tailOf(m);
  const t = ((word & (MIDDLE_WIDTH - 1)) + 0.5) * (1 / MIDDLE_WIDTH);
  const at = (word >>> MIDDLE_BITS) << 2;
  return MIDDLE[at]! + t * (MIDDLE[at + 1]! + t * (MIDDLE[at + 2]! + t * MIDDLE[at + 3]!));
}

function tailOf(m: number): number {
  if (m < FAR) return FAR_TAIL[m]!;
  const octave = 25 - Math.clz32(m);
  const t = ((m & ((1 << octave) - 1)) + 0.5) * UNIT_OF_OCTAVE[octave]!;
  const at = ((octave << 6) + (m >>> octave) - FAR) << 2;
  return TAIL[at]! + t * (TAIL[at + 1]! + t * (TAIL[at + 2]! + t * TAIL[at + 3]!));
}

/** Fills `out[i]` with the sum of the normal variates of `words[0]` to `words[i]`. 4 ns each. */
export function fillNormalSums(out: Float64Array, words: Uint32Array): void {
  const length = out.length;
  let sum = 0;

  for (let i = 0; i < length; i++) {
    sum += normalOf(words[i]! | 0);
    out[i] = sum;
  }
}

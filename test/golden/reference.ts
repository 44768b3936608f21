/**
 * docs/prices.md, written down a second time: step by step in its order, one row after another,
 * with none of the core's tables, shortcuts and memory. Slow, and only for tests.
 *
 * The section numbers are those of the document.
 */

export type Words = readonly [number, number];

export const B = 2 ** 14;
const ERA_ROWS = 2 ** 24;
const TWO_32 = 2 ** 32;

/** 1. Random words. */
export function T([k0, k1]: Words, c0: number, c1: number): Words {
  const k = [k0 | 0, k1 | 0, 0x1bd11bda ^ k0 ^ k1];
  const R = [13, 15, 26, 6, 17, 29, 16, 24];
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let r = 0; r < 20; r++) {
    x0 = (x0 + x1) | 0;
    x1 = (x1 << R[r % 8]) | (x1 >>> (32 - R[r % 8]));
    x1 ^= x0;
    if (r % 4 === 3) {
      const j = (r + 1) / 4;
      x0 = (x0 + k[j % 3]) | 0;
      x1 = (x1 + k[(j + 1) % 3] + j) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** The words of the counters from `c0` on, two each, in order. */
export function* wordsFrom(key: Words, c0: number, c1: number): Generator<number, never> {
  for (let c = c0; ; c++) yield* T(key, c, c1);
}

export function take(words: Iterator<number>, count: number): number[] {
  return Array.from({ length: count }, () => words.next().value);
}

/** 2. Keys. */
export function keyOf(seed: number, symbol: string, purpose: number, n = 0): Words {
  let K: Words = [seed % TWO_32, Math.floor(seed / TWO_32)];
  const bytes = [...symbol].map((c) => c.charCodeAt(0));
  while (bytes.length % 8 !== 0) bytes.push(0);
  for (let at = 0; at < bytes.length; at += 8) {
    const word = (i: number) =>
      bytes[i] + bytes[i + 1] * 2 ** 8 + bytes[i + 2] * 2 ** 16 + bytes[i + 3] * 2 ** 24;
    K = T(K, word(at), word(at + 4));
  }
  K = T(K, symbol.length, 0xffffffff);
  return T(K, purpose, n);
}

/** 3. The start price. `min` and `max` are those of the number type. */
export function startOf(seed: number, symbol: string, min: number, max: number): number {
  const low = Math.max(0, min);
  const width = Math.min(max, 65_535) - low + 1;
  const [w] = T(keyOf(seed, symbol, 0), 0, 0);
  return low + Math.floor(width / 4) + Math.floor((w * Math.floor(width / 2)) / TWO_32);
}

/** 4.1 How many ups. */
function upsOf(n: number): (words: Words) => number {
  const h = n / 2;
  const reach = 8 * Math.sqrt(n);
  const weight = new Map([[h, 1]]);
  for (let d = 1; d <= reach; d++) {
    weight.set(h + d, (weight.get(h + d - 1)! * (h - d + 1)) / (h + d));
    weight.set(h - d, weight.get(h + d)!);
  }
  const C: number[] = [];
  let sum = 0;
  for (let k = h - reach; k <= h + reach; k++) {
    sum += weight.get(k)!;
    C.push(sum);
  }
  return ([w0, w1]) => {
    const u = (Math.floor(w0 / 2 ** 5) * 2 ** 26 + Math.floor(w1 / 2 ** 6)) / 2 ** 53;
    return h - reach + C.findIndex((c) => c > u * sum);
  };
}

const upsOfEra = upsOf(ERA_ROWS);
const upsOfBlock = upsOf(B);

/** What the reference takes of an instrument; `min` and `max` are those of its prices. */
export interface ReferenceInstrument {
  readonly seed: number;
  readonly symbol: string;
  readonly start: number;
  readonly min: number;
  readonly max: number;
}

/** 4. The free walk of block `b`, counted from the lower bound. */
export function walkPath(instrument: ReferenceInstrument, b: number): number[] {
  const { seed, symbol, start, min } = instrument;
  const [eraKey, blockKey, stepKey] = [1, 2, 3].map((purpose) => keyOf(seed, symbol, purpose));
  const era = Math.floor(b / 1024);

  // 4.2 Eras
  let S = start - min;
  for (let e = 0; e < era; e++) S += 2 * upsOfEra(T(eraKey, e, 0)) - ERA_ROWS;
  const U = upsOfEra(T(eraKey, era, 0));

  // 4.3 Blocks of an era
  const u = Array.from({ length: 1024 }, (_, k) => upsOfBlock(T(blockKey, k, era)));
  let sum = u.reduce((total, ups) => total + ups, 0);
  for (const eraWords = wordsFrom(blockKey, 1024, era); sum !== U; ) {
    const p = Math.floor(eraWords.next().value / 2 ** 8);
    const k = Math.floor(p / 2 ** 14);
    const o = p % 2 ** 14;
    if (sum < U && o < B - u[k]) {
      u[k]++;
      sum++;
    } else if (sum > U && o < u[k]) {
      u[k]--;
      sum--;
    }
  }
  for (let k = 0; k < b % 1024; k++) S += 2 * u[k] - B;

  // 4.4 Steps of a block
  const free = take(wordsFrom(stepKey, 0, b), B / 32);
  const isUp = Array.from(
    { length: B },
    (_, j) => ((free[Math.floor(j / 32)] >>> (j % 32)) & 1) === 1,
  );
  let ups = isUp.filter(Boolean).length;
  const blockWords = wordsFrom(stepKey, 256, b);
  while (ups !== u[b % 1024]) {
    const w = blockWords.next().value;
    for (const place of [w % 2 ** 14, Math.floor(w / 2 ** 14) % 2 ** 14]) {
      if (ups < u[b % 1024] && !isUp[place]) {
        isUp[place] = true;
        ups++;
      } else if (ups > u[b % 1024] && isUp[place]) {
        isUp[place] = false;
        ups--;
      }
    }
  }

  return isUp.map((up) => {
    const r = S;
    S += up ? 1 : -1;
    return r;
  });
}

/** 4. The price of a free walk. */
export function walkPrice({ min, max }: ReferenceInstrument, free: number): number {
  const M = max - min;
  const r = ((free % (2 * (M + 1))) + 2 * (M + 1)) % (2 * (M + 1));
  return r <= M ? min + r : min + 2 * M + 1 - r;
}

/** The prices of block `b` of a walk. */
export function walkBlock(instrument: ReferenceInstrument, b: number): number[] {
  return walkPath(instrument, b).map((free) => walkPrice(instrument, free));
}

/** 6. exp and log. */
const H = 0.6931471803691238;
const L = 1.9082149292705877e-10;

export function exp(x: number): number {
  const n = Math.floor(x * (64 / (H + L)) + 0.5);
  const r = x - n * (H / 64) - n * (L / 64);
  const p = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))));
  let root = 1;
  let factor = 2;
  for (const bit of [32, 16, 8, 4, 2, 1]) {
    factor = Math.sqrt(factor);
    if (n & bit) root *= factor;
  }
  let power = 1;
  for (let e = Math.floor(n / 64); e > 0; e--) power *= 2;
  for (let e = Math.floor(n / 64); e < 0; e++) power /= 2;
  return power * (root * p);
}

export function log(x: number): number {
  let e = 0;
  let m = x;
  for (; m >= Math.sqrt(2); e++) m /= 2;
  for (; m < Math.sqrt(2) / 2; e--) m *= 2;
  const f = (m - 1) / (m + 1);
  const s = f * f;
  let t = 0;
  for (let k = 23; k >= 3; k -= 2) t = s * (1 / k + t);
  return e * H + (e * L + (2 * f + 2 * f * t));
}

/** 7. Normal variates. Wichura's PPND16, for 0.5 - p, highest power first. */
const CENTRE_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
];
const CENTRE_BOTTOM = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
];
const TAIL_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
  3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const TAIL_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
  0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
];

const polynomial = (coefficients: readonly number[], r: number) =>
  coefficients.reduce((sum, coefficient) => sum * r + coefficient);

function Q(p: number): number {
  const q = 0.5 - p;
  if (q <= 0.425) {
    const r = 0.180625 - q * q;
    return (polynomial(CENTRE_TOP, r) * q) / polynomial(CENTRE_BOTTOM, r);
  }
  const r = Math.sqrt(-log(p)) - 1.6;
  return polynomial(TAIL_TOP, r) / polynomial(TAIL_BOTTOM, r);
}

export function N(w: number): number {
  const m = w % 2 ** 31;
  const sign = w >= 2 ** 31 ? -1 : 1;
  if (m < 64) return sign * Q((m + 0.5) / TWO_32);
  let v = 2 ** 21;
  if (m < 2 ** 27) for (v = 1; m >= 128 * v; ) v *= 2;
  const l = Math.floor(m / v) * v;
  const t = ((m % v) + 0.5) / v;
  const inner = m >= 2 ** 27 ? sign : 1;
  const y0 = inner * Q(l / TWO_32);
  const y1 = inner * Q((l + v / 3) / TWO_32);
  const y2 = inner * Q((l + (2 * v) / 3) / TWO_32);
  const y3 = inner * Q((l + v) / TWO_32);
  const a1 = (-11 * y0 + 18 * y1 - 9 * y2 + 2 * y3) / 2;
  const a2 = (9 * (2 * y0 - 5 * y1 + 4 * y2 - y3)) / 2;
  const a3 = (9 * (-y0 + 3 * y1 - 3 * y2 + y3)) / 2;
  return sign * inner * (y0 + t * (a1 + t * (a2 + t * a3)));
}

/** The sums of the first 0, 1, ... `count` normal variates of `words`. */
function sumsOf(words: Iterator<number>, count: number): number[] {
  let sum = 0;
  return [0, ...take(words, count).map((w) => (sum += N(w)))];
}

/** What the reference takes of a gbm beside the instrument. */
export interface ReferenceGbm {
  readonly drift: number;
  readonly volatility: number;
  readonly intervalMs: number;
}

/** 5. The logarithms of block `b` of a gbm, which are not turned back yet. */
export function gbmPath(instrument: ReferenceInstrument, gbm: ReferenceGbm, b: number): number[] {
  const { seed, symbol, start } = instrument;
  const [eraKey, blockKey, stepKey] = [1, 2, 3].map((purpose) => keyOf(seed, symbol, purpose));
  const e = Math.floor(b / 1024);
  const Z = (era: number) => Math.floor(N(T(eraKey, era, 0)[0]) * 2 ** 28 + 0.5) / 2 ** 16;

  // Step 1
  let eraW = 0;
  for (let before = 0; before < e; before++) eraW += Z(before);
  // Step 2
  const c = sumsOf(wordsFrom(blockKey, 0, e), 1024);
  const s = (Z(e) - 128 * c[1024]) / 1024;
  const W = (k: number) => eraW + (k === 0 ? 0 : k === 1024 ? Z(e) : 128 * c[k] + k * s);
  // Step 3
  const d = sumsOf(wordsFrom(stepKey, 0, b), B);
  const w0 = W(b % 1024);
  const total = W((b % 1024) + 1) - w0;
  // Step 4
  const { drift, volatility, intervalMs } = gbm;
  const years = intervalMs / 31_557_600_000;
  const g = (drift - (volatility * volatility) / 2) * years;
  const q = volatility * Math.sqrt(years);
  const first = log(start) + (g * (b * B) + q * w0);
  const line = g + q * ((total - d[B]) / B);
  return Array.from({ length: B }, (_, j) => first + (j * line + q * d[j]));
}

/** 5. The price of a logarithm. */
export function logPrice({ min, max }: ReferenceInstrument, logarithm: number): number {
  let x = logarithm;
  // Step 5
  if (x < log(min) || x > log(max)) {
    const a = log(max) - log(min);
    let y = (x - log(min)) % (2 * a);
    if (y < 0) y += 2 * a;
    x = log(min) + (y <= a ? y : 2 * a - y);
  }
  // Step 6
  return Math.floor(exp(x) + 0.5);
}

/** The prices of block `b` of a gbm. */
export function gbmBlock(instrument: ReferenceInstrument, gbm: ReferenceGbm, b: number): number[] {
  return gbmPath(instrument, gbm, b).map((x) => logPrice(instrument, x));
}

/**
 * Sections 8 to 15 and 17 of docs/prices.md as a program, step by step, in their order and with their
 * names: slow and plain. It shares nothing with the core, so that the text is held to be enough.
 */
import {
  B,
  exp,
  keyOf,
  log,
  N,
  type ReferenceInstrument,
  T,
  take,
  type Words,
  wordsFrom,
} from './reference.ts';
import type { ReferenceCalendar } from './reference-calendar.ts';

const TWO_32 = 2 ** 32;
const DAY_MS = 86_400_000;
const YEAR_MS = 31_557_600_000;
const ERA_ROWS = 2 ** 24;
const LN_2 = log(2);

/** The key of a purpose; `T(K; purpose, n)`. */
type Keys = (purpose: number, n?: number) => Words;
type Parameters = Readonly<Record<string, number | string>>;

/** What a model is told, beside its parameters. */
export interface ReferenceModel extends ReferenceInstrument {
  readonly intervalMs: number;
  readonly originMs: number;
  readonly sector?: string;
  readonly calendar: ReferenceCalendar;
  readonly model: string;
  readonly parameters: Parameters;
}

// 8. Poisson numbers and decay
const poissons = new Map<number, (words: Words) => number>();

/** How many events, `m` expected. */
export function P(m: number, words: Words): number {
  if (!poissons.has(m)) poissons.set(m, poissonOf(m));
  return poissons.get(m)!(words);
}

function poissonOf(m: number): (words: Words) => number {
  const k0 = Math.floor(m);
  const weight = new Map([[k0, 1]]);
  let [lowest, highest] = [k0, k0];
  for (; lowest > 0 && weight.get(lowest)! >= 2 ** -64; lowest--) {
    weight.set(lowest - 1, weight.get(lowest)! * (lowest / m));
  }
  for (; weight.get(highest)! >= 2 ** -64; highest++) {
    weight.set(highest + 1, weight.get(highest)! * (m / (highest + 1)));
  }
  const C: number[] = [];
  let sum = 0;
  for (let k = lowest; k <= highest; k++) {
    sum += weight.get(k)!;
    C.push(sum);
  }
  return ([w0, w1]) => {
    const u = (Math.floor(w0 / 2 ** 5) * 2 ** 26 + Math.floor(w1 / 2 ** 6)) / 2 ** 53;
    const level = u * sum;
    return lowest + C.findIndex((c) => c > level);
  };
}

const decay = (z: number) => (z > 700 ? 0 : exp(-z));
const decayed = (z: number) =>
  z > 1 / 64
    ? 1 - decay(z)
    : z * (1 - z * (1 / 2 - z * (1 / 6 - z * (1 / 24 - z * (1 / 120 - z * (1 / 720))))));

/** 5.5. An exponent, turned back. */
export function turned(x: number, low: number, high: number): number {
  if (x >= low && x <= high) return x;
  const a = high - low;
  let y = (x - low) % (2 * a);
  if (y < 0) y += 2 * a;
  return low + (y <= a ? y : 2 * a - y);
}

/** 9. Near ticks, with what 24.3 adds to each row. */
export function nearTicks(
  x: readonly number[],
  min: number,
  max: number,
  lift: (j: number) => number = () => 0,
): number[] {
  const [low, high] = [log(min), log(max)];
  const prices: number[] = [];
  for (let j0 = 0; j0 < B; j0 += 64) {
    const rs = Array.from({ length: 64 }, (_, n) => x[j0 + n] - x[j0]);
    const areNear = rs.every((r) => r * r <= (1 / 128) * (1 / 128));
    for (const [n, r] of rs.entries()) {
      const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))));
      const [from, at] = [x[j0] + lift(j0 + n), x[j0 + n] + lift(j0 + n)];
      const isNear = areNear && from - low > 1 / 128 && high - from > 1 / 128;
      prices.push(Math.floor((isNear ? exp(from) * series : exp(turned(at, low, high))) + 0.5));
    }
  }
  return prices;
}

const rows = <V>(value: (j: number) => V) => Array.from({ length: B }, (_, j) => value(j));
const wordsOf = (key: Words, c0: number, c1: number, count: number) =>
  take(wordsFrom(key, c0, c1), count);

/** 5.1 to 5.3: the Brownian motion of a gbm at a block's start, what the block adds, and d. */
function brownian(keys: Keys, b: number) {
  const e = Math.floor(b / 1024);
  const k = b % 1024;
  const Z = (era: number) => Math.floor(N(T(keys(1), era, 0)[0]) * 2 ** 28 + 0.5) / 2 ** 16;
  let E = 0;
  for (let before = 0; before < e; before++) E += Z(before);
  const sums = (words: number[]) => {
    let sum = 0;
    return [0, ...words.map((w) => (sum += N(w)))];
  };
  const c = sums(wordsOf(keys(2), 0, e, 1024));
  const s = (Z(e) - 128 * c[1024]) / 1024;
  const V = (n: number) => E + (n === 0 ? 0 : n === 1024 ? Z(e) : 128 * c[n] + n * s);
  const d = sums(wordsOf(keys(3), 0, b, B));
  return { V: V(k), total: V(k + 1) - V(k), d };
}

/** 11. Jumps: `J` before the block, `J(j)` of rows before in it, and after which rows they come. */
function jumps(
  keys: Keys,
  [ofEra, ofBlock, ofJump]: readonly number[],
  rate: number,
  mean: number,
  deviation: number,
  b: number,
) {
  const e = Math.floor(b / 1024);
  const k = b % 1024;
  // 11.1
  const era = (at: number) => {
    const [w0, w1, w2] = wordsOf(keys(ofEra), 2 * at, 0, 4);
    const n = P(rate * ERA_ROWS, [w0, w1]);
    return { n, S: n * mean + deviation * Math.sqrt(n) * N(w2) };
  };
  let J = 0;
  for (let before = 0; before < e; before++) J += era(before).S;
  const { n, S } = era(e);
  // 11.2
  const blockKey = keys(ofBlock);
  const counts = Array.from({ length: 1024 }, (_, at) => P(rate * B, T(blockKey, at, e)));
  const most = Math.max(...counts);
  let all = counts.reduce((sum, count) => sum + count, 0);
  for (const words = wordsFrom(blockKey, 1024, e); all !== n; ) {
    const w = words.next().value;
    const at = Math.floor(w / 2 ** 22);
    if (all < n) {
      counts[at]++;
      all++;
    } else if ((w % 2 ** 22) * most < counts[at] * 2 ** 22) {
      counts[at]--;
      all--;
    }
  }
  // 11.3
  const f = [0];
  for (const [at, w] of wordsOf(blockKey, 2 ** 31, e, 1024).entries()) {
    f.push(f[at] + deviation * Math.sqrt(counts[at]) * N(w));
  }
  const change = n === 0 ? 0 : (S - f[1024]) / n;
  const s = (at: number) =>
    f[at] + change * counts.slice(0, at).reduce((sum, count) => sum + count, 0);
  // 11.4
  const m = counts[k];
  const words = wordsOf(keys(ofJump), 0, b, 2 * m);
  const after = Array.from({ length: m }, (_, i) => Math.floor(words[2 * i] / 2 ** 18));
  const free = Array.from({ length: m }, (_, i) => deviation * N(words[2 * i + 1]));
  const c = free.reduce((sum, size) => sum + size, 0);
  const steps = rows(() => 0);
  for (const [i, row] of after.entries()) steps[row] += free[i] + (s(k + 1) - s(k) - c) / m;
  let inside = 0;
  const Js = steps.map((step) => {
    const here = inside;
    inside += step;
    return here;
  });
  return { J: J + s(k), Js, after };
}

const JUMPS = [5, 6, 7];
const DOWNS = [10, 11, 12];

// 10. ou
function ou({ start, intervalMs, parameters }: ReferenceModel, keys: Keys, b: number) {
  const { volatility, halfLife } = parameters as Record<string, number>;
  const e = Math.floor(b / 1024);
  const k = b % 1024;
  const pull = (LN_2 * intervalMs) / halfLife;
  const phi = decay(pull);
  const D = (volatility * volatility * (halfLife / YEAR_MS)) / (2 * LN_2);
  const s = (n: number) => Math.sqrt(D * decayed(2 * pull * n));
  // 10.1
  const eras = [0];
  for (let at = 0; at <= e; at++) {
    eras.push(decay(pull * ERA_ROWS) * eras[at] + s(ERA_ROWS) * N(T(keys(1), at, 0)[0]));
  }
  // 10.2
  const f = [eras[e]];
  for (const [at, w] of wordsOf(keys(2), 0, e, 1024).entries()) {
    f.push(decay(pull * B) * f[at] + s(B) * N(w));
  }
  const missingOfEra = (eras[e + 1] - f[1024]) / decayed(2 * pull * B * 1024);
  const startOf = (at: number) => {
    if (at === 0) return eras[e];
    if (at === 1024) return eras[e + 1];
    return f[at] + decay(pull * B * (1024 - at)) * decayed(2 * pull * B * at) * missingOfEra;
  };
  // 10.3
  const deviation = s(1);
  const y = [startOf(k)];
  for (const [j, w] of wordsOf(keys(3), 0, b, B).entries()) y.push(phi * y[j] + deviation * N(w));
  const missing = (startOf(k + 1) - y[B]) / decayed(2 * pull * B);
  let near = 1;
  let far = decay(2 * pull * B);
  const back = far === 0 ? 0 : 1 / phi;
  for (let j = B; j > 0; j--) {
    y[j] += missing * (near - far);
    near *= phi;
    far *= back;
  }
  // 10.4
  return rows((j) => log(start) + y[j]);
}

function gbmOf({ intervalMs, parameters }: ReferenceModel) {
  const { drift, volatility } = parameters as Record<string, number>;
  const years = intervalMs / YEAR_MS;
  return { g: (drift - (volatility * volatility) / 2) * years, q: volatility * Math.sqrt(years) };
}

// 12. jump
function jump(of: ReferenceModel, keys: Keys, b: number) {
  const { jumpsPerDay, jumpMean, jumpSize } = of.parameters as Record<string, number>;
  const rate = (jumpsPerDay * of.intervalMs) / DAY_MS;
  const { g, q } = gbmOf(of);
  const G = g - rate * (exp(jumpMean + (jumpSize * jumpSize) / 2) - 1);
  const { V, total, d } = brownian(keys, b);
  const { J, Js } = jumps(keys, JUMPS, rate, jumpMean, jumpSize, b);
  const first = log(of.start) + G * (b * B) + (q * V + J);
  const line = G + q * ((total - d[B]) / B);
  return rows((j) => first + (j * line + (q * d[j] + Js[j])));
}

// 13. crash-boom
function crashBoom(of: ReferenceModel, keys: Keys, b: number) {
  const { spikesPerDay, spikeSize, recovery } = of.parameters as Record<string, number>;
  const { direction } = of.parameters;
  const [countKey, spikeKey] = [keys(6), keys(7)];
  const m = ((spikesPerDay * of.intervalMs) / DAY_MS) * B;
  const spikesOf = (at: number) => {
    const words = wordsOf(spikeKey, 0, at, 2 * P(m, T(countKey, at, 0)));
    return Array.from({ length: words.length / 2 }, (_, i) => {
      const [v, w] = words.slice(2 * i, 2 * i + 2);
      const size = -log((w + 0.5) / TWO_32) * spikeSize;
      const isUp = direction === 'boom' || (direction === 'both' && v % 2 === 1);
      return { row: Math.floor(v / 2 ** 18), size: isUp ? size : -size };
    });
  };
  const pull = (LN_2 * of.intervalMs) / recovery;
  const own = (at: number) =>
    spikesOf(at).reduce((sum, { row, size }) => sum + size * decay(pull * (B - row)), 0);
  const R = Math.ceil((40 * recovery) / of.intervalMs / B);
  let z = 0;
  for (let a = Math.max(0, b - R); a < b; a++) z = z * decay(pull * B) + own(a);
  const sizes = rows(() => 0);
  for (const { row, size } of spikesOf(b)) sizes[row] += size;
  const left = decay(pull);
  const noise = sizes.map((size) => {
    const here = z + size;
    z = here * left;
    return here;
  });
  const { g, q } = gbmOf(of);
  const { V, total, d } = brownian(keys, b);
  const first = log(of.start) + g * (b * B) + q * V;
  const line = g + q * ((total - d[B]) / B);
  return rows((j) => first + (j * line + (q * d[j] + noise[j])));
}

// 14. range
function range(of: ReferenceModel, keys: Keys, b: number) {
  const {
    volatility,
    rangeWidth: W,
    holdTime,
    breakTime,
  } = of.parameters as Record<string, number>;
  const rate = of.intervalMs / holdTime / 2;
  const n = Math.max(1, Math.floor(breakTime / of.intervalMs + 0.5));
  const q = volatility * Math.sqrt(of.intervalMs / YEAR_MS);
  const { V, total, d } = brownian(keys, b);
  let y = q * V;
  y -= Math.floor(y / (2 * W) + 0.5) * (2 * W);
  const breaks = (at: number) =>
    [JUMPS, DOWNS].map((purposes) => jumps(keys, purposes, rate, 1, 0, at));
  const [ups, downs] = breaks(b);
  const ways = rows(() => 0);
  let u = 0;
  const go = (p: number, sign: number) => {
    for (let j = Math.max(0, p); j < Math.min(B, p + n); j++) ways[j] += sign;
  };
  for (const row of ups.after) go(row, 1);
  for (const row of downs.after) go(row, -1);
  for (const [at, { after }] of (b === 0 ? [] : breaks(b - 1)).entries()) {
    const sign = at === 0 ? 1 : -1;
    for (const row of after) {
      go(row - B, sign);
      u += sign * Math.max(0, row + n - B);
    }
  }
  let c = W * (ups.J - downs.J - u / n);
  return rows((j) => {
    const inside = turned(y + (j * (q * ((total - d[B]) / B)) + q * d[j]), -W / 2, W / 2);
    const x = log(of.start) + (inside + c);
    c += ways[j] * (W / n);
    return x;
  });
}

/** 15. regime: the exponents, and the activity of each row. */
function regime(of: ReferenceModel, keys: Keys, b: number) {
  const given = of.parameters as Record<string, number>;
  const years = of.intervalMs / YEAR_MS;
  const [calm, storm] = ['calm', 'storm'].map((name) => {
    const drift = given[`${name}Drift`];
    const volatility = given[`${name}Volatility`];
    return {
      g: (drift - (volatility * volatility) / 2) * years,
      v: volatility * volatility * years,
      p: of.intervalMs / given[`${name}Time`],
    };
  });
  const e = Math.floor(b / 1024);
  const k = b % 1024;
  // 15.1
  const c = storm.p / (calm.p + storm.p);
  let m = 1 - calm.p - storm.p;
  for (let n = 0; n < 24; n++) m *= m;
  const firsts: number[] = [];
  for (let at = 0; at <= e + 1; at++) {
    const u = (T(keys(8), at, 0)[0] + 0.5) / TWO_32;
    let odds = c;
    if (at > 0) odds = firsts[at - 1] === 0 ? c + m * (1 - c) : c + m * -c;
    firsts.push(u < odds ? 0 : 1);
  }
  // 15.2
  const stays = [-log(1 - calm.p), -log(1 - storm.p)];
  const changesOf = (at: number): number[] => {
    for (let i = 0; i < 1000; i++) {
      const words = wordsFrom(T(keys(9), at, i), 0, 0);
      const changes: number[] = [];
      let h = firsts[at] === firsts[at + 1] ? 1 : decayed(stays[firsts[at]] * ERA_ROWS);
      let state = firsts[at];
      for (let row = 0; ; state = 1 - state) {
        const u = (words.next().value + 0.5) / TWO_32;
        row += 1 + Math.floor(-log(1 - u * h) / stays[state]);
        if (row > ERA_ROWS) break;
        changes.push(row);
        h = 1;
      }
      if (state === firsts[at + 1]) return changes;
    }
    return [];
  };
  const stretchesOf = (at: number) => {
    const ends = [...changesOf(at), ERA_ROWS];
    return ends.map((to, n) => ({
      ...{ from: n === 0 ? 0 : ends[n - 1], to },
      isStorm: (firsts[at] + n) % 2 === 1,
    }));
  };
  // 15.3
  const G = (n: number, s: number) => (n - s) * calm.g + s * storm.g;
  const Q = (n: number, s: number) => (n - s) * calm.v + s * storm.v;
  const Y = [0];
  let stretches: ReturnType<typeof stretchesOf> = [];
  for (let at = 0; at <= e; at++) {
    stretches = stretchesOf(at);
    const s = stretches.reduce((sum, { from, to, isStorm }) => sum + (isStorm ? to - from : 0), 0);
    Y.push(Y[at] + (G(ERA_ROWS, s) + Math.sqrt(Q(ERA_ROWS, s)) * N(T(keys(1), at, 0)[0])));
  }
  // 15.4
  const inBlock = new Array<number>(1024).fill(0);
  const isStormAt = rows(() => false);
  for (const { from, to, isStorm } of stretches) {
    for (let row = from; isStorm && row < to; ) {
      const at = Math.floor(row / B);
      const end = Math.min(to, (at + 1) * B);
      inBlock[at] += end - row;
      if (at === k) isStormAt.fill(true, row - k * B, end - k * B);
      row = end;
    }
  }
  const before = [0];
  for (const storms of inBlock) before.push(before.at(-1)! + storms);
  const f = [0];
  for (const [at, w] of wordsOf(keys(2), 0, e, 1024).entries()) {
    const s = inBlock[at];
    f.push(f[at] + (G(B, s) + Math.sqrt(Q(B, s)) * N(w)));
  }
  const ofEra = Q(ERA_ROWS, before[1024]);
  const missingOfEra = ofEra === 0 ? 0 : (Y[e + 1] - Y[e] - f[1024]) / ofEra;
  const F = (at: number) => Y[e] + (f[at] + missingOfEra * Q(at * B, before[at]));
  // 15.5
  const h = [0];
  const Qs = [0];
  for (const [j, w] of wordsOf(keys(3), 0, b, B).entries()) {
    const { g, v } = isStormAt[j] ? storm : calm;
    h.push(h[j] + (g + Math.sqrt(v) * N(w)));
    Qs.push(Qs[j] + v);
  }
  const missing = Qs[B] === 0 ? 0 : (F(k + 1) - F(k) - h[B]) / Qs[B];
  const mean = (calm.v * storm.p + storm.v * calm.p) / (calm.p + storm.p);
  return {
    x: rows((j) => log(of.start) + F(k) + (h[j] + missing * Qs[j])),
    activity: rows((j) => (mean === 0 ? 1 : (isStormAt[j] ? storm : calm).v / mean)),
  };
}

/** The logarithms of block `b` of a model, and the activity of its rows. */
export function modelPath(of: ReferenceModel, b: number): { x: number[]; activity: number[] } {
  const keys = (purpose: number, n = 0) => keyOf(of.seed, of.symbol, purpose, n);
  const ones = new Array<number>(B).fill(1);
  const made = (x: number[]) => ({ x, activity: ones });
  switch (of.model) {
    case 'ou':
      return made(ou(of, keys, b));
    case 'jump':
      return made(jump(of, keys, b));
    case 'crash-boom':
      return made(crashBoom(of, keys, b));
    case 'range':
      return made(range(of, keys, b));
    default:
      return regime(of, keys, b);
  }
}

/** The prices of block `b` of a model, and the activity of its rows. */
export function modelBlock(
  of: ReferenceModel,
  b: number,
): { prices: number[]; activity: number[] } {
  const { x, activity } = modelPath(of, b);
  return { prices: nearTicks(x, of.min, of.max), activity };
}

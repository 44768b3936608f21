/**
 * Sections 8 to 17 of docs/prices.md as a program: written from the text alone, slow and plain. It
 * shares nothing with the core, so that the text is held to be enough.
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
  readonly model: string;
  readonly parameters: Parameters;
}

// 8.
const poissons = new Map<number, { lowest: number; sums: number[] }>();
function P(m: number, w0: number, w1: number): number {
  let known = poissons.get(m);
  if (known === undefined) {
    const k0 = Math.floor(m);
    const weights = new Map([[k0, 1]]);
    for (let k = k0; k > 0 && weights.get(k)! >= 2 ** -64; k--)
      weights.set(k - 1, weights.get(k)! * (k / m));
    for (let k = k0; weights.get(k)! >= 2 ** -64; k++)
      weights.set(k + 1, weights.get(k)! * (m / (k + 1)));
    const ks = [...weights.keys()].sort((a, b) => a - b);
    let sum = 0;
    known = { lowest: ks[0], sums: ks.map((k) => (sum += weights.get(k)!)) };
    poissons.set(m, known);
  }
  const { lowest, sums } = known;
  const u = (Math.floor(w0 / 2 ** 5) * 2 ** 26 + Math.floor(w1 / 2 ** 6)) / 2 ** 53;
  const place = sums.findIndex((sum) => sum > u * sums.at(-1)!);
  return lowest + (place < 0 ? sums.length - 1 : place);
}
const decay = (z: number) => (z > 700 ? 0 : exp(-z));
const decayed = (z: number) =>
  z > 1 / 64
    ? 1 - decay(z)
    : z * (1 - z * (1 / 2 - z * (1 / 6 - z * (1 / 24 - z * (1 / 120 - z * (1 / 720))))));

// 5.5
function turned(x: number, low: number, high: number): number {
  if (x >= low && x <= high) return x;
  const a = high - low;
  let y = (x - low) % (2 * a);
  if (y < 0) y += 2 * a;
  return low + (y <= a ? y : 2 * a - y);
}

// 9.
function nearTicks(x: readonly number[], min: number, max: number): number[] {
  const [low, high] = [log(min), log(max)];
  const prices: number[] = [];
  for (let j0 = 0; j0 < B; j0 += 64) {
    const rs = Array.from({ length: 64 }, (_, n) => x[j0 + n] - x[j0]);
    const isOff = x[j0] - low > 1 / 128 && high - x[j0] > 1 / 128;
    const isNear = isOff && rs.every((r) => r * r <= (1 / 128) * (1 / 128));
    for (const [n, r] of rs.entries()) {
      const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))));
      prices.push(
        Math.floor((isNear ? exp(x[j0]) * series : exp(turned(x[j0 + n], low, high))) + 0.5),
      );
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

/** 11. Jumps: their sum at a block's start, and those of the block. */
function jumps(
  keys: Keys,
  [ofEra, ofBlock, ofJump]: readonly number[],
  rate: number,
  mean: number,
  deviation: number,
  b: number,
) {
  const e = Math.floor(b / 1024);
  const era = (n: number) => {
    const [w0, w1, w2] = wordsOf(keys(ofEra), 2 * n, 0, 4);
    const count = P(rate * ERA_ROWS, w0, w1);
    return { count, sum: count * mean + deviation * Math.sqrt(count) * N(w2) };
  };
  let start = 0;
  for (let n = 0; n < e; n++) start += era(n).sum;
  const { count, sum } = era(e);
  const counts = Array.from({ length: 1024 }, (_, k) => P(rate * B, ...T(keys(ofBlock), k, e)));
  const most = Math.max(...counts);
  let all = counts.reduce((total, n) => total + n, 0);
  for (const w of wordsFrom(keys(ofBlock), 1024, e)) {
    if (all === count) break;
    const k = Math.floor(w / 2 ** 22);
    if (all < count) {
      counts[k]++;
      all++;
    } else if ((w % 2 ** 22) * most < counts[k] * 2 ** 22) {
      counts[k]--;
      all--;
    }
  }
  const f = [0];
  for (const [k, w] of wordsOf(keys(ofBlock), 0x8000_0000, e, 1024).entries()) {
    f.push(f[k] + deviation * Math.sqrt(counts[k]) * N(w));
  }
  const change = count === 0 ? 0 : (sum - f[1024]) / count;
  const at = (k: number) => f[k] + change * counts.slice(0, k).reduce((total, n) => total + n, 0);
  const k = b % 1024;
  const words = wordsOf(keys(ofJump), 0, b, 2 * counts[k]);
  let free = 0;
  for (let i = 0; i < counts[k]; i++) free += deviation * N(words[2 * i + 1]);
  const more = counts[k] === 0 ? 0 : (at(k + 1) - at(k) - free) / counts[k];
  const list = Array.from({ length: counts[k] }, (_, i) => ({
    row: Math.floor(words[2 * i] / 2 ** 18),
    size: deviation * N(words[2 * i + 1]) + more,
  }));
  const steps = new Array<number>(B).fill(0);
  for (const { row, size } of list) steps[row] += size;
  let J = 0;
  const inside = steps.map((step) => {
    const before = J;
    J += step;
    return before;
  });
  return { start: start + at(k), list, inside };
}

const JUMPS = [5, 6, 7];
const DOWNS = [10, 11, 12];

// 10.
function ou({ start, intervalMs, parameters }: ReferenceModel, keys: Keys, b: number) {
  const { volatility, halfLife } = parameters as Record<string, number>;
  const pull = (LN_2 * intervalMs) / halfLife;
  const D = (volatility * volatility * (halfLife / YEAR_MS)) / (2 * LN_2);
  const s = (n: number) => Math.sqrt(D * decayed(2 * pull * n));
  const e = Math.floor(b / 1024);
  let y = 0;
  const eras = [0];
  for (let n = 0; n <= e; n++) {
    y = decay(pull * ERA_ROWS) * y + s(ERA_ROWS) * N(T(keys(1), n, 0)[0]);
    eras.push(y);
  }
  const f = [eras[e]];
  for (const w of wordsOf(keys(2), 0, e, 1024)) f.push(decay(pull * B) * f.at(-1)! + s(B) * N(w));
  const missingEra = (eras[e + 1] - f[1024]) / decayed(2 * pull * B * 1024);
  const at = (k: number) => {
    if (k === 0) return eras[e];
    if (k === 1024) return eras[e + 1];
    return f[k] + decay(pull * B * (1024 - k)) * decayed(2 * pull * B * k) * missingEra;
  };
  const g = [at(b % 1024)];
  for (const w of wordsOf(keys(3), 0, b, B)) g.push(decay(pull) * g.at(-1)! + s(1) * N(w));
  const missing = (at((b % 1024) + 1) - g[B]) / decayed(2 * pull * B);
  let near = 1;
  let far = decay(2 * pull * B);
  const back = far === 0 ? 0 : 1 / decay(pull);
  for (let j = B; j > 0; j--) {
    g[j] += missing * (near - far);
    near *= decay(pull);
    far *= back;
  }
  return rows((j) => log(start) + (j * 0 + g[j]));
}

function gbmOf({ intervalMs, parameters }: ReferenceModel) {
  const { drift, volatility } = parameters as Record<string, number>;
  const years = intervalMs / YEAR_MS;
  return { g: (drift - (volatility * volatility) / 2) * years, q: volatility * Math.sqrt(years) };
}

// 12.
function jump(of: ReferenceModel, keys: Keys, b: number) {
  const { jumpsPerDay, jumpMean, jumpSize } = of.parameters as Record<string, number>;
  const rate = (jumpsPerDay * of.intervalMs) / DAY_MS;
  const { g: growth, q } = gbmOf(of);
  const g = growth - rate * (exp(jumpMean + (jumpSize * jumpSize) / 2) - 1);
  const { V, total, d } = brownian(keys, b);
  const { start, inside } = jumps(keys, JUMPS, rate, jumpMean, jumpSize, b);
  const first = log(of.start) + g * (b * B) + (q * V + start);
  const line = g + q * ((total - d[B]) / B);
  return rows((j) => first + (j * line + (q * d[j] + inside[j])));
}

// 13.
function crashBoom(of: ReferenceModel, keys: Keys, b: number) {
  const { spikesPerDay, spikeSize, recovery } = of.parameters as Record<string, number>;
  const { direction } = of.parameters;
  const pull = (LN_2 * of.intervalMs) / recovery;
  const spikes = (block: number) => {
    const m = ((spikesPerDay * of.intervalMs) / DAY_MS) * B;
    const count = P(m, ...T(keys(6), block, 0));
    const words = wordsOf(keys(7), 0, block, 2 * count);
    return Array.from({ length: count }, (_, i) => {
      const [w, size] = [words[2 * i], -log((words[2 * i + 1] + 0.5) / TWO_32) * spikeSize];
      const isUp = direction === 'both' ? w % 2 === 1 : direction === 'boom';
      return { row: Math.floor(w / 2 ** 18), size: isUp ? size : -size };
    });
  };
  const R = Math.ceil((40 * recovery) / of.intervalMs / B);
  let z = 0;
  for (let before = Math.max(0, b - R); before < b; before++) {
    let left = 0;
    for (const { row, size } of spikes(before)) left += size * decay(pull * (B - row));
    z = z * decay(pull * B) + left;
  }
  const steps = new Array<number>(B).fill(0);
  for (const { row, size } of spikes(b)) steps[row] += size;
  const noise = steps.map((step) => {
    z += step;
    const counts = z;
    z *= decay(pull);
    return counts;
  });
  const { g, q } = gbmOf(of);
  const { V, total, d } = brownian(keys, b);
  const first = log(of.start) + g * (b * B) + q * V;
  const line = g + q * ((total - d[B]) / B);
  return rows((j) => first + (j * line + (q * d[j] + noise[j])));
}

// 14.
function range(of: ReferenceModel, keys: Keys, b: number) {
  const {
    volatility,
    rangeWidth: width,
    holdTime,
    breakTime,
  } = of.parameters as Record<string, number>;
  const rate = of.intervalMs / holdTime / 2;
  const n = Math.max(1, Math.floor(breakTime / of.intervalMs + 0.5));
  const q = volatility * Math.sqrt(of.intervalMs / YEAR_MS);
  const { V, total, d } = brownian(keys, b);
  let x0 = q * V;
  x0 -= Math.floor(x0 / (2 * width) + 0.5) * (2 * width);
  const breaks = (block: number) =>
    [JUMPS, DOWNS].map((purposes) => jumps(keys, purposes, rate, 1, 0, block));
  const [up, down] = breaks(b);
  const before = b === 0 ? undefined : breaks(b - 1);
  const ways: { from: number; sign: number }[] = [];
  let u = 0;
  for (const [w, sign] of [1, -1].entries()) {
    for (const { row } of (w === 0 ? up : down).list) ways.push({ from: row, sign });
    for (const { row } of before?.[w].list ?? []) {
      ways.push({ from: row - B, sign });
      if (row + n - B > 0) u += sign * (row + n - B);
    }
  }
  let c = width * (up.start - down.start - u / n);
  return rows((j) => {
    const x = x0 + (j * (q * ((total - d[B]) / B)) + q * d[j]);
    const at = log(of.start) + (j * 0 + (turned(x, -width / 2, width / 2) + c));
    let on = 0;
    for (const { from, sign } of ways) if (from <= j && j < from + n) on += sign;
    c += on * (width / n);
    return at;
  });
}

// 15.
function regimes(of: ReferenceModel, keys: Keys) {
  const given = of.parameters as Record<string, number>;
  const years = of.intervalMs / YEAR_MS;
  const both = ['calm', 'storm'].map((name) => {
    const volatility = given[`${name}Volatility`];
    return {
      g: (given[`${name}Drift`] - (volatility * volatility) / 2) * years,
      v: volatility * volatility * years,
      p: of.intervalMs / given[`${name}Time`],
    };
  });
  const [p0, p1] = both.map(({ p }) => p);
  const calm = p1 / (p0 + p1);
  let m = 1 - p0 - p1;
  for (let n = 0; n < 24; n++) m *= m;
  const states: number[] = [];
  const state = (e: number) => {
    while (states.length <= e) {
      const before = states.at(-1);
      const more = before === undefined ? 0 : m * (before === 0 ? 1 - calm : -calm);
      const u = (T(keys(8), states.length, 0)[0] + 0.5) / TWO_32;
      states.push(u < calm + more ? 0 : 1);
    }
    return states[e];
  };
  /** The regime of each row of an era, as the rows at which it changes. */
  const changes = (e: number) => {
    for (let i = 0; ; i++) {
      const rowsOf: number[] = [];
      let [row, now] = [0, state(e)];
      let isFirst = true;
      for (const w of wordsFrom(T(keys(9), e, i), 0, 0)) {
        const stay = -log(1 - both[now].p);
        const h = isFirst && state(e) !== state(e + 1) ? decayed(stay * ERA_ROWS) : 1;
        row += 1 + Math.floor(-log(1 - ((w + 0.5) / TWO_32) * h) / stay);
        if (row > ERA_ROWS) break;
        rowsOf.push(row);
        now = 1 - now;
        isFirst = false;
      }
      if (now === state(e + 1)) return rowsOf;
    }
  };
  const kept = new Map<number, Uint8Array>();
  const statesOf = (e: number) => {
    let list = kept.get(e);
    if (list === undefined) {
      list = new Uint8Array(ERA_ROWS);
      let [row, now] = [0, state(e)];
      for (const end of [...changes(e), ERA_ROWS]) {
        list.fill(now, row, end);
        [row, now] = [end, 1 - now];
      }
      kept.clear();
      kept.set(e, list);
    }
    return list;
  };
  return { both, statesOf };
}

function regime(of: ReferenceModel, keys: Keys, b: number) {
  const { both, statesOf } = regimes(of, keys);
  const [{ g: g0, v: v0 }, { g: g1, v: v1 }] = both;
  const stretch = (n: number, s: number) => ({
    G: (n - s) * g0 + s * g1,
    Q: (n - s) * v0 + s * v1,
  });
  const e = Math.floor(b / 1024);
  let start = 0;
  let end = 0;
  for (let n = 0; n <= e; n++) {
    start = end;
    const s = statesOf(n).reduce((sum, is) => sum + is, 0);
    const { G, Q } = stretch(ERA_ROWS, s);
    end = start + (G + Math.sqrt(Q) * N(T(keys(1), n, 0)[0]));
  }
  const states = statesOf(e);
  const storms = [0];
  for (let k = 0; k < 1024; k++) {
    storms.push(storms[k] + states.subarray(k * B, (k + 1) * B).reduce((sum, is) => sum + is, 0));
  }
  const f = [0];
  for (const [k, w] of wordsOf(keys(2), 0, e, 1024).entries()) {
    const { G, Q } = stretch(B, storms[k + 1] - storms[k]);
    f.push(f[k] + (G + Math.sqrt(Q) * N(w)));
  }
  const whole = stretch(ERA_ROWS, storms[1024]).Q;
  const missingEra = whole === 0 ? 0 : (end - start - f[1024]) / whole;
  const at = (k: number) => start + (f[k] + missingEra * stretch(k * B, storms[k]).Q);
  const k = b % 1024;
  const inside = [0];
  let Q = 0;
  for (const [j, w] of wordsOf(keys(3), 0, b, B).entries()) {
    const { g, v } = both[states[k * B + j]];
    inside.push(inside[j] + (g + Math.sqrt(v) * N(w)));
    Q += v;
  }
  const missing = Q === 0 ? 0 : (at(k + 1) - at(k) - inside[B]) / Q;
  let sofar = 0;
  return rows((j) => {
    const path = inside[j] + missing * sofar;
    sofar += both[states[k * B + j]].v;
    return log(of.start) + at(k) + (j * 0 + path);
  });
}

// 16.1
function dayOf({ intervalMs, originMs }: ReferenceModel, depth: number) {
  const reach = intervalMs < DAY_MS ? depth * (DAY_MS / intervalMs) : 0;
  let step = reach === 0 ? B : 256;
  while (reach > 0 && step > 1 && step * intervalMs > 300_000) step /= 2;
  const D = (e: number, i: number) => {
    if (reach === 0) return i;
    const ms = BigInt(originMs) + BigInt(e * ERA_ROWS + i) * BigInt(intervalMs);
    const day = BigInt(DAY_MS);
    const t = Number(((ms % day) + day) % day);
    const u = t * (1 / DAY_MS);
    return i + reach * (u * (2 + u * (4 * u - 6)));
  };
  return { D, step };
}

const LENGTHS = [1_048_583, 262_147, 65_537, 16_411, 4099, 1031, 257, 67, 17];
const DEPTHS = [0.35, 0.35, 0.4, 0.55, 0.8, 0.95, 0.95, 0.95, 0.8];

// 16.2
function clockOf(of: ReferenceModel, keys: Keys, clustering: number, depth: number) {
  const { D, step } = dayOf(of, depth);
  const levels = LENGTHS.map((length, l) => ({
    length,
    depth: clustering * DEPTHS[l],
    key: keys(16, l),
    phase: Math.floor((T(keys(17), l, 0)[0] * length) / TWO_32),
  })).filter((level) => level.depth > 0);
  const speedOf = ({ key, depth }: (typeof levels)[number], cell: number) => {
    const counter = Math.floor(cell / 2);
    const high = Math.floor(counter / TWO_32);
    const w = T(key, counter - high * TWO_32, high)[cell - 2 * counter];
    return depth * ((w + 0.5) * (2 / TWO_32) - 1);
  };
  const frame = ({ length, phase }: (typeof levels)[number], e: number) => {
    const base = e * ERA_ROWS + phase;
    const first = Math.floor(base / length);
    return { first, offset: base - first * length };
  };
  const at = (e: number, i: number) => {
    let z = D(e, i);
    for (const level of levels) {
      const { first, offset } = frame(level, e);
      const place = z + offset;
      const cell = Math.floor(place / level.length);
      const into = place - cell * level.length;
      z += speedOf(level, first + cell) * Math.min(into, level.length - into);
    }
    return z;
  };
  /** What is shown at each row of a block and at its end, and the haste of each row. */
  const block = (b: number) => {
    const e = Math.floor(b / 1024);
    let pieces: { a: number; z: number; haste: number }[] = [];
    for (let i = 0; i <= B; i += step) {
      pieces.push({ a: i, z: D(e, (b % 1024) * B + i), haste: 0 });
    }
    for (const level of levels) {
      const { length } = level;
      const { first, offset } = frame(level, e);
      const weight = length >= 67 ? 1 : 0;
      let cell = Math.floor((pieces[0].z + offset) / length);
      let start = cell * length - offset;
      let isFirstHalf = pieces[0].z - start < length / 2;
      const next: typeof pieces = [];
      let kink = start + (isFirstHalf ? length / 2 : length);
      for (const [p, { a, z, haste }] of pieces.entries()) {
        if (kink < z) {
          const from = pieces[p - 1];
          const rate = (a - from.a) / (z - from.z);
          while (kink < z) {
            const between = from.a + (kink - from.z) * rate;
            if (isFirstHalf) {
              const s = speedOf(level, first + cell);
              next.push({ a: between, z: kink + s * (length / 2), haste: from.haste - weight * s });
              kink = start + length;
            } else {
              cell += 1;
              start = kink;
              const s = speedOf(level, first + cell);
              next.push({ a: between, z: kink, haste: from.haste + weight * s });
              kink = start + length / 2;
            }
            isFirstHalf = !isFirstHalf;
          }
        }
        const s = speedOf(level, first + cell);
        const into = z - start;
        next.push({
          a,
          z: z + s * (isFirstHalf ? into : length - into),
          haste: haste + weight * (isFirstHalf ? s : -s),
        });
      }
      pieces = next;
    }
    const shown: number[] = [];
    const haste: number[] = [];
    for (let p = 0, j = 0; p + 1 < pieces.length; p++) {
      const [{ a, z, haste: there }, { a: a2, z: z2 }] = [pieces[p], pieces[p + 1]];
      for (; j < a2 && j < B; j++) {
        const r = (z2 - z) / (a2 - a);
        shown.push(z - a * r + j * r);
        haste.push(there);
      }
    }
    shown.push(pieces.at(-1)!.z);
    return { shown, haste };
  };
  return { D, at, block };
}

type Clock = ReturnType<typeof clockOf>;

// 16.3
function byClock(keys: Keys, clock: Clock, shown: readonly number[], b: number) {
  const C = (e: number) => clock.at(e, 0);
  const M = (e: number) => clock.D(e, 2 ** 23) - 2 ** 23;
  const step = (w: number, v: number) => Math.floor(N(w) * (Math.sqrt(v) * 2 ** 16) + 0.5);
  const startOf = (e: number) => {
    if (e === 0) return 0;
    let A = step(T(keys(1), 0, 0)[0], 2 ** 23 + (M(0) - C(0)));
    for (let n = 1; n < e; n++) A += step(T(keys(1), n, 0)[0], ERA_ROWS + (M(n) - M(n - 1)));
    const whole = ERA_ROWS + (M(e) - M(e - 1));
    const left = 2 ** 23 + (C(e) - M(e - 1));
    const [w, w2] = T(keys(1), e, 0);
    const spread = Math.sqrt((left * (whole - left)) / whole);
    return A / 2 ** 16 + ((left / whole) * (step(w, whole) / 2 ** 16) + spread * N(w2));
  };
  const e = Math.floor(b / 1024);
  const start = startOf(e);
  const total = startOf(e + 1) - start;
  const ends = Array.from({ length: 1025 }, (_, k) => clock.at(e, k * B));
  const f = [0];
  for (const [k, w] of wordsOf(keys(2), 0, e, 1024).entries()) {
    f.push(f[k] + Math.sqrt(ends[k + 1] - ends[k]) * N(w));
  }
  const slope = (total - f[1024]) / (ends[1024] - ends[0]);
  const at = (k: number) => start + (f[k] + slope * (ends[k] - ends[0]));
  const d = [0];
  for (const [j, w] of wordsOf(keys(3), 0, b, B).entries()) {
    d.push(d[j] + Math.sqrt(shown[j + 1] - shown[j]) * N(w));
  }
  const k = b % 1024;
  const line = (at(k + 1) - at(k) - d[B]) / (shown[B] - shown[0]);
  return rows((j) => at(k) + (d[j] + line * (shown[j] - shown[0])));
}

/** 16.4: the exponents, and the activity of each row. */
function market(of: ReferenceModel, keys: Keys, b: number) {
  const given = of.parameters as Record<string, number>;
  const { clustering, intraday, leverage, marketShare, jumpsPerDay } = given;
  const common =
    (text: string) =>
    (purpose: number, n = 0) =>
      keyOf(of.seed, text, purpose, n);
  const { sector = '' } = of;
  const sectorShare = sector === '' ? 0 : given.sectorShare;
  const rate = (jumpsPerDay * of.intervalMs) / DAY_MS;
  const jumpShare = rate === 0 ? 0 : given.jumpShare;
  const smooth = 1 - jumpShare;
  const [ownClock, marketClock] = [keys, common(' market')].map((own) =>
    clockOf(of, own, clustering, intraday),
  );
  const own = ownClock.block(b);
  const shared = marketClock.block(b);
  const ownPath = byClock(keys, ownClock, own.shown, b);
  const marketPath = byClock(common(' market'), marketClock, shared.shown, b);
  const sectorPath =
    sector === '' ? marketPath : byClock(common(` sector ${sector}`), marketClock, shared.shown, b);
  const deviation = rate === 0 ? 0 : 1 / Math.sqrt(rate);
  const { start: J, inside } = jumps(keys, JUMPS, rate, 0, deviation, b);
  const { g, q } = gbmOf(of);
  const fall = -leverage * 2.5;
  const first0 = leverage === 0 ? 0 : marketClock.block(0).haste[0];
  const a = smooth * (1 - marketShare - sectorShare);
  const [weightOwn, weightMarket, weightSector] = [
    a,
    smooth * marketShare,
    smooth * sectorShare,
  ].map(Math.sqrt);
  const start = log(of.start) - q * fall * first0;
  const first = start + g * (b * B) + q * Math.sqrt(jumpShare) * J;
  const x = rows((j) => {
    let path = weightOwn * ownPath[j] + weightMarket * marketPath[j] + weightSector * sectorPath[j];
    path += Math.sqrt(jumpShare) * inside[j];
    if (fall !== 0) path += fall * shared.haste[j];
    return first + (j * g + q * path);
  });
  const c = smooth * (marketShare + sectorShare);
  const activity = rows(
    (j) =>
      1 -
      a -
      c +
      a * (own.shown[j + 1] - own.shown[j]) +
      c * (shared.shown[j + 1] - shared.shown[j]),
  );
  return { x, activity };
}

/** The prices of block `b` of a model, and the activity of its rows. */
export function modelBlock(
  of: ReferenceModel,
  b: number,
): { prices: number[]; activity: number[] } {
  const keys = (purpose: number, n = 0) => keyOf(of.seed, of.symbol, purpose, n);
  const ones = new Array<number>(B).fill(1);
  const made = (x: readonly number[], activity: number[] = ones) => ({
    prices: nearTicks(x, of.min, of.max),
    activity,
  });
  switch (of.model) {
    case 'ou':
      return made(ou(of, keys, b));
    case 'jump':
      return made(jump(of, keys, b));
    case 'crash-boom':
      return made(crashBoom(of, keys, b));
    case 'range':
      return made(range(of, keys, b));
    case 'regime': {
      const { both, statesOf } = regimes(of, keys);
      const [{ v: v0, p: p0 }, { v: v1, p: p1 }] = both;
      const usual = (v0 * p1 + v1 * p0) / (p0 + p1);
      const states = statesOf(Math.floor(b / 1024)).slice((b % 1024) * B, ((b % 1024) + 1) * B);
      return made(
        regime(of, keys, b),
        [...states].map((state) => both[state].v / usual),
      );
    }
    default: {
      const { x, activity } = market(of, keys, b);
      return made(x, activity);
    }
  }
}

/** 17. Quotes and trades of block `b`, at its prices. */
export function tradesBlock(
  of: Pick<ReferenceModel, 'seed' | 'symbol' | 'min' | 'max' | 'intervalMs'>,
  { spreadTicks, tradesPerDay, lotsPerTrade }: Readonly<Record<string, number>>,
  b: number,
  prices: readonly number[],
  lastBefore: number,
  activity: readonly number[],
) {
  const key = keyOf(of.seed, of.symbol, 4);
  const v = wordsOf(key, 0, b, B);
  const w = wordsOf(key, 8192, b, B);
  const byte = (j: number, n: number) => Math.floor(w[j] / 256 ** n) % 256;
  return rows((j) => {
    const last = prices[j];
    const before = j === 0 ? lastBefore : prices[j - 1];
    const expected =
      ((tradesPerDay * of.intervalMs) / DAY_MS) * activity[j] * exp(0.5 * N(v[j]) - 0.125);
    let count = Math.floor(expected + (byte(j, 0) + 0.5) / 256);
    if (count === 0 && last !== before) count = 1;
    count = Math.min(count, TWO_32 - 1);
    const lots = count + Math.floor(count * ((lotsPerTrade - 1) / 128) * (byte(j, 2) + 0.5));
    const wide = Math.floor(spreadTicks * Math.sqrt(activity[j]) + (byte(j, 3) + 0.5) / 256);
    const spread = Math.min(Math.max(last - of.min, of.max - last), Math.max(1, wide));
    let isBought = byte(j, 1) < (last === before ? 128 : last > before ? 205 : 51);
    if (isBought ? last - spread < of.min : last + spread > of.max) isBought = !isBought;
    return {
      bid: isBought ? last - spread : last,
      ask: isBought ? last : last + spread,
      volume: Math.min(lots, TWO_32 - 1),
      trades: count,
      aggressor: count === 0 ? 0 : isBought ? 1 : 2,
    };
  });
}

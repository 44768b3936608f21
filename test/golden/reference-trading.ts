/**
 * Sections 18 to 23 of docs/prices.md as a program, in their order and with their names: one
 * reading after the other, with no table and no memory. It shares nothing with the core, so that
 * the text is held to be enough.
 */
import { exp, keyOf, log, T, type Words } from './reference.ts';

const DAY_MS = 86_400_000;
const TWO_32 = 2 ** 32;

/** What is said of an instrument, and where its rows stand. */
export interface ReferenceTrading {
  readonly seed: number;
  readonly symbol: string;
  readonly intervalMs: number;
  readonly least: 0 | 1;
  readonly min: number;
  readonly max: number;
  readonly spreadTicks: number;
  readonly tradesPerDay: number;
  readonly lotsPerTrade: number;
  /** Where it is not that of `tradesPerDay`. */
  readonly rate?: number;
  /** Instead of the instrument's key of trading. */
  readonly Kt?: Words;
}

const mod = (a: number, b: number) => a - Math.floor(a / b) * b;
const rateOf = (of: ReferenceTrading) => of.rate ?? (of.tradesPerDay * of.intervalMs) / DAY_MS;

/** 18. A key under that of an instrument's trading. */
export function key(of: ReferenceTrading, purpose: number, n: number): Words {
  return T(of.Kt ?? keyOf(of.seed, of.symbol, 4), purpose, n);
}

/** 18. The byte of node `h` of tree `t`. */
function byteOf(k: Words, t: number, h: number): number {
  const word = T(k, mod(8 * t, TWO_32) + Math.floor(h / 8), Math.floor(t / 2 ** 29))[
    Math.floor(h / 4) % 2
  ];
  return Math.floor(word / 256 ** (h % 4)) % 256;
}

/** 19. The depth of the halves of the cells of level `n`. */
function depthOf(n: number, trades: number, cellMs: number): number {
  const depths = [
    ...[0, 0, 0, 0, 0, 0, 0.15, 0.15, 0.15, 0.2, 0.3, 0.4],
    ...[0.5, 0.5, 0.5, 0.5, 0.55, 0.55, 0.6, 0.65, 0.7, 0.8, 0.85, 0.9],
  ];
  const depth = n < 24 ? depths[n] : 0.7;
  const isSparse = trades >= 1 && trades <= 16 && cellMs <= 2 ** 20 * 1000;
  return isSparse ? Math.max(depth, 0.93) : depth;
}

/** 19. Trades before row `i`, by a clock that goes by `a(i)`. */
export function tradesBefore(of: ReferenceTrading, i: number, a: (i: number) => number): number {
  const extra = Math.max(0, rateOf(of) - of.least);
  const longest = 2 ** 24 * 1000;
  const depths: number[] = [];
  let leaf = longest;
  while (leaf > of.intervalMs && leaf >= longest / 2 ** 33) {
    depths.push(depthOf(depths.length, (extra / of.intervalMs) * leaf, leaf));
    leaf /= 2;
  }
  const levels = depths.length;
  let first = 0;
  while (first < levels && depths.slice(first, first + 6).every((depth) => depth === 0)) first += 6;

  const B = (y: number): number => {
    if (first >= levels) return y;
    const trunk = 2 ** (levels - first);
    let start = Math.floor(y / trunk) * trunk;
    let mass = 2 ** 50;
    let before = 0;
    const trunkStart = start;
    for (let n = first; n < levels; n++) {
      const cell = 2 ** (levels - n);
      const top = n - (n % 6);
      const tree = Math.floor(y / 2 ** (levels - top));
      // Cells of this level within the tree, the first one's node, and which this one is.
      const wide = 2 ** (n - top);
      const h = wide + mod(Math.floor(y / cell), wide);
      const d = depths[n];
      const byte = byteOf(key(of, 34, n === top ? n / 6 : top / 6), tree, h);
      const left = Math.floor(mass * (0.5 - (d * 255) / 512 + (d / 256) * byte));
      if (y - start >= cell / 2) {
        before += left;
        mass -= left;
        start += cell / 2;
      } else mass = left;
    }
    return trunkStart + (trunk / 2 ** 50) * (before + Math.floor(mass * (y - start)));
  };
  const [w] = T(key(of, 35, 0), 0, 0);
  const phase = (Math.floor(w / 2 ** 8) * 1000) / leaf;
  const perRow = of.intervalMs / leaf;
  const r = extra / perRow;
  const counted = (row: number) => Math.floor(r * B(phase + perRow * a(row)));
  return of.least * i + (counted(i) - counted(0));
}

/** 20. The size of part `k` of a level. */
function sizeOf(f: number, level: number, k: number): number {
  const z = log((k + 0.5) / 256 ** (level + 1)) / -2.1;
  return Math.max(1, Math.floor(f * exp(z) + 0.5));
}

/** 20. What a cell of a level comes to without its part 0: with it, at level 2. */
function restOf(f: number, level: number): number {
  let sum = level === 2 ? sizeOf(f, 2, 0) : 0;
  for (let k = 1; k < 256; k++) sum += sizeOf(f, level, k);
  return sum;
}

const factors = new Map<number, number>();

/** 20. The factor of sizes. */
export function factorOf(lotsPerTrade: number): number {
  const known = factors.get(lotsPerTrade);
  if (known !== undefined) return known;
  const M = (f: number) => {
    let mean = 0;
    for (let level = 0, share = 1 / 256; level < 3; level++, share /= 256) {
      mean += share * restOf(f, level);
    }
    return mean;
  };
  let low = 0;
  let high = lotsPerTrade;
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2;
    if (M(middle) < lotsPerTrade) low = middle;
    else high = middle;
  }
  const f = lotsPerTrade - M(low) < M(high) - lotsPerTrade ? low : high;
  factors.set(lotsPerTrade, f);
  return f;
}

/** 20. The parts of cell `c` of a level, in their order. */
export function orderOf(of: ReferenceTrading, level: number, c: number): number[] {
  const order: number[] = [];
  for (let n = 0; n < 256; n++) {
    const counter = mod(64 * c, TWO_32) + Math.floor(n / 4);
    const word = T(key(of, 36, level), counter, Math.floor(c / 2 ** 26))[Math.floor(n / 2) % 2];
    const half = n % 2 === 0 ? word % 2 ** 16 : Math.floor(word / 2 ** 16);
    const o = Math.floor((half * (n + 1)) / 2 ** 16);
    order[n] = order[o];
    order[o] = n;
  }
  return order;
}

/** 20. The size of number `n` of a level: of a trade, at level 0. */
export function lotsOf(of: ReferenceTrading, n: number, level = 0): number {
  const c = Math.floor(n / 256);
  const k = orderOf(of, level, c)[n % 256];
  if (k > 0 || level === 2) return sizeOf(factorOf(of.lotsPerTrade), level, k);
  return lotsOf(of, c, level + 1);
}

/** 20. The lots of what is before number `n` of a level. */
export function lotsBefore(of: ReferenceTrading, n: number, level = 0): number {
  if (level === 3) return 0;
  const f = factorOf(of.lotsPerTrade);
  const c = Math.floor(n / 256);
  let sum = c * restOf(f, level) + lotsBefore(of, c, level + 1);
  for (const k of orderOf(of, level, c).slice(0, n % 256)) {
    sum += k > 0 || level === 2 ? sizeOf(f, level, k) : lotsOf(of, c, level + 1);
  }
  return sum;
}

export interface ReferenceNoise {
  readonly cells: number;
  readonly phases: number;
  readonly finest: number;
  readonly levels: number;
  readonly fall: number;
}

/** 21. The noise at number `n`. */
export function noiseAt(of: ReferenceTrading, noise: ReferenceNoise, n: number): number {
  const { cells, phases, finest, levels, fall } = noise;
  const v = Array.from({ length: levels }, (_, k) => exp(-fall * k * log(2)));
  const sum = v.reduce((all, one) => all + one, 0);
  const [w] = T(key(of, phases, 0), 0, 0);
  const q = Math.floor(n / 2 ** finest) + (1 + Math.floor((w / TWO_32) * 2 ** levels));
  let G = 0;
  for (let k = levels - 1; k >= 0; k--) {
    const g = Math.floor(k / 6);
    const wide = 2 ** (6 * g + 5 - k);
    const h = wide + mod(Math.floor(q / 2 ** k), wide);
    const byte = byteOf(key(of, cells, g), Math.floor(q / 2 ** (6 * g + 5)), h);
    G += Math.sqrt(v[k] / sum / (65_535 / 12)) * (byte - 127.5);
  }
  return G;
}

/** 22. Places of the trades of a row that has the trades `[first, end)`, in microseconds. */
export function placesOf(of: ReferenceTrading, first: number, end: number): number[] {
  const places: number[] = [];
  for (let start = first; start < end; start += 256) {
    const many = Math.min(256, end - start);
    const words = Array.from({ length: many }, (_, n) => {
      const c = Math.floor((start + n) / 2);
      return T(key(of, 42, 0), mod(c, TWO_32), Math.floor(c / TWO_32))[(start + n) % 2];
    });
    for (const word of words.sort((a, b) => a - b)) {
      const place = start - first + many * ((word + 0.5) / TWO_32);
      places.push(Math.floor(((of.intervalMs * 1000) / (end - first)) * place));
    }
  }
  return places;
}

/** 23. Up to `levels` levels of a side at row `i`, best first: prices in ticks, and lots. */
export function sideOf(
  of: ReferenceTrading,
  isBid: boolean,
  best: number,
  i: number,
  levels: number,
  depth = 1,
): (readonly [number, number])[] {
  const step = isBid ? -1 : 1;
  const s = Math.max(1, Math.floor(of.spreadTicks / 8));
  const filled = Math.floor(TWO_32 * (1 - (1 / 32) * Math.min(8, of.spreadTicks)));
  const slots = key(of, 41, isBid ? 0 : 2);
  const changes = key(of, 41, isBid ? 1 : 3);

  const u = Array.from({ length: 1024 }, (_, j) => exp(log(-log(1 - (j + 0.5) / 1024)) / 0.8));
  const meanSize = u.reduce((all, one) => all + one, 0) / 1024;
  const m = (x: number) => (0.12 + x) / ((1 + x) * (1 + x) * Math.sqrt(1 + x));
  const top = (8 * of.lotsPerTrade) / m((1 - 2.5 * 0.12) / 1.5);
  const middleOf = (away: number) => {
    if (away < 2) return away;
    let low = 2;
    let width = 1;
    for (;;) {
      if (away < low + width) return low + (width - 1) / 2;
      if (away < low + 2 * width) return low + width + (width - 1) / 2;
      low *= 2;
      width *= 2;
    }
  };
  const lots = (part: number, away: number) => {
    const size = (u[part] / meanSize) * (top * m(middleOf(away) / (5 * of.spreadTicks))) * depth;
    return Math.max(1, Math.floor(size + 0.5));
  };

  const found: (readonly [number, number])[] = [];
  const nearest = Math.floor(best / s);
  for (let n = 0; n < 2 * levels + 16 && found.length < levels; n++) {
    const slot = nearest + step * n;
    const [a, b] = T(slots, mod(slot, TWO_32), 0);
    const period = [4, 32, 256][Math.floor(a / 2 ** 16) % 3];
    const time = Math.floor((i + (b % period)) / period);
    const [x, y] = T(changes, mod(slot, TWO_32), mod(time, TWO_32));
    const part = Math.floor(y / 2 ** 22);
    if (n === 0) found.push([best, lots(part, 0)]);
    const price = slot * s + ((y % 2 ** 22) % s);
    const away = step * (price - best);
    if (x >= filled || away <= 0) continue;
    if (price < of.min || price > of.max || found.length === levels) break;
    found.push([price, lots(part, away)]);
  }
  return found;
}

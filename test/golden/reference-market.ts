/**
 * Section 16 of docs/prices.md as a program, step by step, in its order and with its names: slow
 * and plain. It shares nothing with the core, so that the text is held to be enough.
 */
import { B, exp, keyOf, log, N, T, take, type Words, wordsFrom } from './reference.ts';
import { referenceCalendar } from './reference-calendar.ts';
import { P, type ReferenceModel } from './reference-models.ts';

const DAY_MS = 86_400_000;

type Keys = (purpose: number, n?: number) => Words;
type Numbers = Readonly<Record<string, number>>;

const wordsOf = (key: Words, c: number, n: number, count: number) =>
  take(wordsFrom(key, c, n), count);
const unit = (word: number) => (word + 0.5) / 2 ** 32;
const mod = (a: number, b: number) => a - Math.floor(a / b) * b;

function memo<V>(make: (n: number) => V): (n: number) => V {
  const known = new Map<number, V>();
  return (n) => {
    if (!known.has(n)) known.set(n, make(n));
    return known.get(n)!;
  };
}

/** A free path of steps, tilted to a total in the time of `U`. */
function tilted(steps: readonly number[], U: readonly number[], total: number): number[] {
  const F = [0];
  for (const step of steps) F.push(F.at(-1)! + step);
  const n = steps.length;
  const slope = U[n] > 0 ? (total - F[n]) / U[n] : 0;
  return F.map((f, d) => (d === 0 ? 0 : d === n ? total : f + slope * U[d]));
}

// 16.1 Days of business
function calendarOf(of: ReferenceModel) {
  const { weekend, intraday } = of.parameters as Numbers;
  const isAlways = of.calendar === 'always';
  // Monday is 0: the epoch was a Thursday.
  const weekday = (day: number) => mod(day + 3, 7);
  const hours = referenceCalendar(of.calendar);
  const numberOf = (date: number) => (isAlways ? date : hours.numberOf(date));
  const zero = numberOf(hours.sessionAfter(of.originMs).date);
  const C = of.intervalMs < 100 ? 65_536 : 256;
  const W = 7 / (5 + 2 * weekend);
  const weightOf = (d: number) => (isAlways ? (weekday(d + zero) < 5 ? W : weekend * W) : 1);
  const week = (day: number) => Math.floor((day + 3) / 7);
  const h = (day: number) =>
    Math.min(5, weekday(day)) * W + Math.max(0, weekday(day) - 5) * (weekend * W);
  const U = (s: number) => s + intraday * (s * (2 + s * (4 * s - 6)));
  return {
    C,
    Y: (365.25 * hours.daysPerWeek) / 7,
    weightOf,
    weightBefore: (d: number) =>
      isAlways ? (week(d + zero) - week(zero)) * 7 + (h(d + zero) - h(zero)) : d,
    placeOf: memo((i) => {
      const ms = of.originMs + i * of.intervalMs;
      const { date, part, openMs, closeMs } = hours.sessionAfter(ms);
      const gap = isAlways ? 0 : hours.gapOf(date);
      const morning = hours.sessionsOf(date).length === 1 ? 1 : hours.morningOf(date);
      const noon = Math.min(
        249,
        Math.max(Math.floor(256 * gap) + 1, Math.floor(256 * (gap + (1 - gap) * morning) + 0.5)),
      );
      const hasLunch = hours.sessionsOf(date).length === 2;
      const before = part === 1 ? noon / 256 : 0;
      const opened = before + (part === 1 ? 0.02 : gap);
      const end = hasLunch && part === 0 ? noon / 256 : 1;
      const [from, to] = part === 1 ? [morning, 1] : [0, morning];
      const s = from + (to - from) * ((ms - openMs) / (closeMs - openMs));
      const scale = (end - opened) / (U(to) - U(from));
      const y = C * (ms < openMs ? before : opened + scale * (U(s) - U(from)));
      const c = ms < openMs ? y : Math.min(C * end - 1, Math.floor(y));
      return { d: numberOf(date) - zero, c, p: y - c };
    }),
  };
}

type Calendar = ReturnType<typeof calendarOf>;

const G = (s: number) => (s <= 0 ? 0 : s < 0.3 ? log(1 + s / 0.00012) / log(1 + 0.3 / 0.00012) : 1);

/** What a span's clock shows, of `levels` and the words of the span. */
function clockOf(levels: readonly (readonly [number, number])[], words: readonly number[]) {
  let first = 0;
  const made = levels.map(([n, depth]) => {
    const own = words.slice(first, first + n + 2);
    first += n + 2;
    const u = unit(own[0]);
    const speed = own.slice(1).map((w) => (w + 0.5) * (depth * (2 / 2 ** 32)) - depth);
    const middle = new Array<number>(n + 1).fill(0.5);
    const half = new Array<number>(n + 1).fill(0.5);
    middle[0] = (1 + u) / 2;
    half[0] = (1 - u) / 2;
    middle[n] = u / 2;
    half[n] = u / 2;
    return (z: number) => {
      const y = z * n + u;
      const j = Math.floor(y);
      return z + (1 / n) * (speed[j] * (half[j] - Math.abs(y - j - middle[j])));
    };
  });
  return (place: number) =>
    Math.min(
      1,
      made.reduce((z, level) => level(z), place),
    );
}

const DAY_LEVELS = [
  [3, 0.9],
  [13, 0.95],
  [51, 0.9],
  [205, 0.9],
] as const;
const SEGMENT_LEVELS = [
  [3, 0.9],
  [13, 0.9],
  [51, 0.7],
] as const;

// 16.2 to 16.5
function factorOf(of: ReferenceModel, keys: Keys, calendar: Calendar, mu: number, market?: Factor) {
  const given = of.parameters as Numbers;
  const { clustering, jumpsPerDay, feedbackShare, feedbackDays, asymmetry } = given;
  const jumpShare = jumpsPerDay === 0 ? 0 : given.jumpShare;
  const { weightOf } = calendar;

  const levels = Array.from({ length: 10 }, (_, n) => {
    const phase = Math.floor(T(keys(17), n, 0)[0] / 2 ** (32 - n));
    const a = clustering * (n < 4 ? 0.2 : 0.22);
    const cell = memo((j) => a * N(T(keys(16, n), Math.floor(j / 2), 0)[mod(j, 2)]));
    return (d: number) => cell(Math.floor((d + phase) / 2 ** n));
  });
  const w = memo((d): number => {
    let sum = 0;
    for (const level of levels) sum += level(d);
    return market === undefined ? sum : 0.85 * sum + 0.5 * market.w(d);
  });
  const n0 = (e: number) => N(T(keys(18), e, 0)[0]);
  const g = 0.2 * clustering;
  const L = (e: number): number =>
    market === undefined
      ? exp(2 * g * n0(e) - 2 * (g * g))
      : exp(2 * g * (0.85 * n0(e) + 0.5 * market.n0(e)) - 2 * (g * g) * (0.85 * 0.85 + 0.5 * 0.5));
  const total = (e: number) => Math.sqrt(1024 * L(e)) * N(T(keys(18), e, 0)[1]);

  // 16.3
  const rate = jumpShare === 0 ? 0 : jumpsPerDay / (1 + 1 / 8 + 1 / 64 + 1 / 512 + 1 / 4096);
  const D = rate === 0 ? 0 : Math.sqrt(jumpShare / (rate * (1 + 1 / 2 + 1 / 4 + 1 / 8 + 1 / 16)));
  const M = mu * D * rate * (1 + 1 / 4 + 1 / 16 + 1 / 64 + 1 / 256);
  const jumpsOf = (e: number, v: readonly number[]) => {
    const jumps = [];
    for (let m = 0; m < 5 && rate > 0; m++) {
      const count = P((rate * 1024) / 8 ** m, T(keys(21), m, e));
      for (let i = 0; i < count; i++) {
        const [w0, w1] = T(keys(22, m), 2 * i, e);
        const [w2] = T(keys(22, m), 2 * i + 1, e);
        const q = (w0 + 0.5) * (1024 / 2 ** 32);
        const day = Math.floor(q);
        const at = q - day;
        const sigma = Math.sqrt(v[day]) * (D * 2 ** m);
        const mean = -mu * sigma;
        const size = mean + Math.sqrt(1 - mu * mu) * sigma * N(w1);
        const done = G(1 - at);
        const today = done * size + Math.sqrt(done * (1 - done)) * sigma * N(w2);
        jumps.push({ day, at, sigma, mean, size, done, today });
      }
    }
    return jumps.sort((a, b) => a.day - b.day);
  };

  // 16.4
  const left = Math.max(0, 1 - feedbackShare - jumpShare);
  const quiet = memo((e) => {
    const days = Array.from({ length: 1024 }, (_, n) => e * 1024 + n);
    const x = days.map((d) => weightOf(d) * exp(2 * w(d)));
    const scale = (L(e) * 1024) / x.reduce((sum, value) => sum + value, 0);
    const v = x.map((value) => value * scale);
    const words = wordsOf(keys(19), 0, e, 1024);
    const A = v.map((value, d) => Math.sqrt(left * value) * N(words[d]));
    const jumps = jumpsOf(e, v);
    const y = [...A];
    for (const jump of jumps) y[jump.day] += jump.size;
    return { v, A, jumps, y };
  });
  const echo = (e: number): number[] => {
    if (feedbackShare === 0) return new Array<number>(1024).fill(0);
    const f = memo((d) => {
      const y = quiet(Math.floor(d / 1024)).y[mod(d, 1024)];
      return ((y * y) / weightOf(d)) * (y < 0 ? 1 + asymmetry : 1 - asymmetry);
    });
    const n = Math.floor(feedbackDays + 0.5);
    const h = Array.from({ length: 1024 }, (_, at) => {
      const d = e * 1024 + at;
      let sum = 0;
      for (let k = 1; k <= n; k++) sum += (1 / k) * f(d - k);
      return weightOf(d) * (sum + 0.000001);
    });
    const scale = (L(e) * feedbackShare * 1024) / h.reduce((sum, value) => sum + value, 0);
    return h.map((value) => value * scale);
  };
  const age = memo((e) => {
    const { v, A, jumps } = quiet(e);
    const E = echo(e);
    const words = wordsOf(keys(20), 0, e, 1024);
    const calm = v.map((value, d) => left * value + E[d]);
    const free = A.map((a, d) => a + Math.sqrt(E[d]) * N(words[d]) + M * Math.sqrt(v[d]));
    const V = [...calm];
    for (const { day, sigma, size, done, today } of jumps) {
      V[day] += sigma * sigma * done;
      free[day] += today;
      if (day === 1023) continue;
      V[day + 1] += sigma * sigma * (1 - done);
      free[day + 1] += size - today;
    }
    const U = [0];
    for (const value of V) U.push(U.at(-1)! + value);
    return { U, calm, jumps, path: tilted(free, U, total(e)) };
  });

  // 16.5
  const spans = (all: readonly (readonly [number, number])[]) =>
    clustering === 0 ? [] : all.map(([n, depth]) => [n, clustering * depth] as const);
  const dayLevels = spans(DAY_LEVELS);
  const ofRow = SEGMENT_LEVELS.filter(([n]) => 337_500 / n >= of.intervalMs);
  const segmentLevels = spans(ofRow);
  const count = (all: readonly (readonly [number, number])[]) =>
    all.reduce((sum, [n]) => sum + n + 2, 0);
  const day = memo((d) => {
    const e = Math.floor(d / 1024);
    const at = mod(d, 1024);
    const { calm, jumps, path } = age(e);
    const shows = clockOf(dayLevels, wordsOf(keys(23), 0, d, count(dayLevels)));
    const c = Array.from({ length: 257 }, (_, k) =>
      k === 0 || k === 256 ? k / 256 : shows(k / 256),
    );
    const bursts = jumps
      .filter((jump) => jump.day === at - 1 || jump.day === at)
      .map((jump) => ({ ...jump, start: jump.at - (at - jump.day) }))
      .filter(({ start }) => G(-start) < 1);
    const S = c.map((shown) => calm[at] * shown);
    const ramp = c.map(() => 0);
    for (const { start, sigma, mean } of bursts) {
      for (let k = 1; k <= 256; k++) {
        S[k] += sigma * sigma * (G(c[k] - start) - G(-start));
        ramp[k] += mean * (G(c[k] - start) - G(-start));
      }
    }
    return { c, S, bursts, path: segments(keys, d, S, path[at], path[at + 1], ramp) };
  });
  /** The variance from the start of a segment, times a weight. */
  const segment = (d: number, k: number) => {
    const { c, S, bursts } = day(d);
    const words = wordsOf(keys(24), 64 * k, d, count(segmentLevels));
    const shows = clockOf(segmentLevels, words);
    const whole = S[k + 1] - S[k];
    const young = bursts.filter(({ start }) => start < c[k + 1] && c[k] - start < 0.02);
    let even = whole;
    for (const { start, sigma } of young) {
      even -= sigma * sigma * (G(c[k + 1] - start) - G(c[k] - start));
    }
    return (p: number, weight: number) => {
      const z = shows(p);
      if (young.length === 0) return weight * whole * z;
      let sum = Math.max(0, even) * z;
      for (const { start, sigma } of young) {
        const here = c[k] + (c[k + 1] - c[k]) * z;
        sum += sigma * sigma * (G(here - start) - G(c[k] - start));
      }
      return weight * sum;
    };
  };
  return { w, n0, L, total, age, day, segment };
}

interface Factor {
  readonly w: (d: number) => number;
  readonly n0: (e: number) => number;
}

/** The path at the segments of a day. */
function segments(
  keys: Keys,
  d: number,
  S: readonly number[],
  from: number,
  to: number,
  ramp: readonly number[],
): number[] {
  const words = wordsOf(keys(25), 0, d, 256);
  const steps = words.map((word, k) => Math.sqrt(S[k + 1] - S[k]) * N(word));
  const path = tilted(steps, S, to - from - ramp[256]);
  return path.map((value, k) => (k === 256 ? to : value + (from + ramp[k])));
}

// 16.6 The price, and 16.7 activity
function market(of: ReferenceModel, b: number) {
  const given = of.parameters as Numbers;
  const { drift, volatility, marketShare, leverage, pull } = given;
  const keysOf =
    (text: string): Keys =>
    (purpose, n = 0) =>
      keyOf(of.seed, text, purpose, n);
  const { sector = '' } = of;
  // Section 2 takes the low eight bits of each unit.
  const bytes = Array.from({ length: sector.length }, (_, n) => sector.charCodeAt(n) % 256);
  const sectorShare = sector === '' ? 0 : given.sectorShare;
  const keys = keysOf(of.symbol);
  const sectorKeys = keysOf(` sector ${String.fromCharCode(...bytes)}`);
  const calendar = calendarOf(of);
  const { C, Y, placeOf, weightOf, weightBefore } = calendar;
  const whole = factorOf(of, keysOf(' market'), calendar, given.jumpSkew);
  const its = factorOf(of, keys, calendar, given.ownJumpSkew, whole);
  const hasSector = sectorShare > 0;
  const sectorTotal = (e: number) => Math.sqrt(1024 * whole.L(e)) * N(T(sectorKeys(18), e, 0)[1]);
  const sectorAge = memo((e) => {
    const { U } = whole.age(e);
    const words = wordsOf(sectorKeys(19), 0, e, 1024);
    const steps = words.map((word, d) => Math.sqrt(U[d + 1] - U[d]) * N(word));
    return tilted(steps, U, sectorTotal(e));
  });
  const sectorDay = memo((d) => {
    const path = sectorAge(Math.floor(d / 1024));
    const at = mod(d, 1024);
    const ramp = new Array<number>(257).fill(0);
    return segments(sectorKeys, d, whole.day(d).S, path[at], path[at + 1], ramp);
  });

  const own = Math.max(0, 1 - marketShare - sectorShare);
  const shared = marketShare + sectorShare;
  const sigma = volatility / Math.sqrt(Y);
  const sumOf = (a: number, c: number, s: number) =>
    Math.sqrt(own) * a + Math.sqrt(marketShare) * c + Math.sqrt(sectorShare) * s;
  const X = memo((e): number => {
    if (e === 0) return 0;
    const s = hasSector ? sectorTotal(e - 1) : 0;
    return X(e - 1) - pull * X(e - 1) + sumOf(its.total(e - 1), whole.total(e - 1), s);
  });
  const level = (d: number, k: number): number => {
    if (k === 256) return level(d + 1, 0);
    const e = Math.floor(d / 1024);
    const n = mod(d, 1024);
    const moved =
      k === 0
        ? sumOf(its.age(e).path[n], whole.age(e).path[n], hasSector ? sectorAge(e)[n] : 0)
        : sumOf(its.day(d).path[k], whole.day(d).path[k], hasSector ? sectorDay(d)[k] : 0);
    let at = X(e) - pull * X(e) * ((n + k / 256) / 1024) + moved;
    if (leverage > 0) {
      const now = whole.w(d) + (k / 256) * (whole.w(d + 1) - whole.w(d));
      at -= leverage * (now - whole.w(0));
    }
    return ((drift - (volatility * volatility) / 2) / Y) * (d + k / 256) + sigma * at;
  };
  const variance = (of: typeof its, d: number, k: number) => of.day(d).S[k + 1] - of.day(d).S[k];

  /** A cell's rows: the variances at them and at its end, then the words, and what is shared. */
  function settled(
    t: readonly number[],
    words: readonly number[],
    from: number,
    to: number,
    groups?: { q: number; half: number; Q: readonly number[]; counter: number; d: number },
  ): number[] {
    const m = t.length - 1;
    const b: number[] = [];
    for (let j = 0; j <= m; j++) {
      const step = t[j] - (j === 0 ? 0 : t[j - 1]);
      b.push((j === 0 ? 0 : b[j - 1]) + Math.sqrt(Math.max(0, step)) * N(words[j]));
    }
    if (groups === undefined || shared === 0) {
      const slope = t[m] > 0 ? (to - from - sigma * b[m]) / t[m] : 0;
      return t.slice(0, m).map((time, j) => from + (sigma * b[j] + slope * time));
    }
    const { q, half, Q, counter, d } = groups;
    const many = Math.ceil((m + 1) / q);
    const drawn = [keysOf(' market'), sectorKeys].map((of) => wordsOf(of(27), counter, d, many));
    const [a, s] = [Math.sqrt(marketShare), Math.sqrt(sectorShare)];
    const shares = a * a + s * s;
    const made: { readonly tilt: number; readonly lift: number }[] = [];
    let reached = 0;
    for (let i = 0; i < many; i++) {
      const f = i * q - 1;
      const l = Math.min(m, f + q);
      const at = (values: readonly number[]) => (f < 0 ? 0 : values[f]);
      const took = t[l] - at(t);
      const common = half * (Q[l] - at(Q));
      const moved = b[l] - at(b);
      const toge = a * N(drawn[0][i]) + (s > 0 ? s * N(drawn[1][i]) : 0);
      const root = took > 0 ? Math.sqrt(Math.max(0, 1 - (shares * common) / took)) : 0;
      const goes = root * moved + Math.sqrt(Math.max(0, common)) * toge;
      const tilt = took > 0 ? (goes - moved) / took : 0;
      made.push({ tilt, lift: reached - at(b) - tilt * at(t) });
      reached += goes;
    }
    const slope = t[m] > 0 ? (to - from - sigma * reached) / t[m] : 0;
    return t.slice(0, m).map((time, j) => {
      const { tilt, lift } = made[Math.floor(j / q)];
      return from + sigma * lift + (sigma * b[j] + (slope + sigma * tilt) * time);
    });
  }

  const parts = memo((place) => {
    const d = Math.floor(place / 256);
    const k = mod(place, 256);
    const [mine, common] = [its, whole].map((factor) => {
      const at = factor.segment(d, k);
      const values = Array.from({ length: 256 }, (_, n) => at(n / 256, 1));
      return [...values, variance(factor, d, k)];
    });
    const r = mine.map((value, n) => own * value + shared * common[n]);
    const [from, to] = [level(d, k), level(d, k + 1)];
    const words = wordsOf(keys(26), 256 * k, d, 256);
    const groups = { q: 8, half: 0.5, Q: common.slice(1), counter: 2 ** 21 * k, d };
    return { r, x: [from, ...settled(r.slice(1), words, from, to, groups), to] };
  });

  const start = (d: number, c: number): number => {
    if (c === C) return start(d + 1, 0);
    if (C === 256) return level(d, c);
    const { x } = parts(d * 256 + Math.floor(c / 256));
    return x[c % 256];
  };
  const world = (d: number) => mod(d, 2 ** 26);
  const cellEnd = (d: number, c: number) =>
    C === 65_536 && c % 256 === 255 ? level(d, Math.floor(c / 256) + 1) : start(d, c + 1);

  let q = 1;
  while (2 * q * of.intervalMs <= 16_000) q *= 2;
  /** The exponents of a cell's rows inside it, without the origin, and their variances. */
  function cell(d: number, c: number, places: readonly number[], origin: number) {
    const words = wordsOf(keys(28), c * (2 ** 29 / C), d, places.length + 1);
    const [from, to] = [origin + start(d, c), origin + cellEnd(d, c)];
    if (C === 65_536) {
      const { r } = parts(d * 256 + Math.floor(c / 256));
      const tau = r[(c % 256) + 1] - r[c % 256];
      const t = [...places.map((p) => tau * p), tau];
      return { t, x: settled(t, words, from, to) };
    }
    const [mine, common] = [its.segment(d, c), whole.segment(d, c)];
    const Q = places.map((p) => common(p, 1));
    const t = places.map((p, j) => mine(p, own) + shared * Q[j]);
    t.push(own * variance(its, d, c) + shared * variance(whole, d, c));
    Q.push(variance(whole, d, c));
    const half = of.intervalMs < 256_000 ? 0.5 : 1;
    const groups = { q, half, Q, counter: c * (2 ** 29 / C), d };
    return { t, x: settled(t, words, from, to, groups) };
  }

  /** Exponents and variances of rows, with all rows of the cell that they are in. */
  function rowsOf(first: number, count: number, origin: number) {
    const x: number[] = [];
    const t: number[] = [];
    for (let i = first; i < first + count; ) {
      const { d, c, p } = placeOf(i);
      if (p === 0) {
        x.push(origin + start(world(d), c));
        t.push(0);
        i++;
        continue;
      }
      const isIn = (row: number) => {
        const place = placeOf(row);
        return place.p > 0 && place.d === d && place.c === c;
      };
      let [from, next] = [i, i + 1];
      while (isIn(from - 1)) from--;
      while (isIn(next)) next++;
      const places = Array.from({ length: next - from }, (_, j) => placeOf(from + j).p);
      const made = cell(world(d), c, places, origin);
      const stop = Math.min(next, first + count);
      x.push(...made.x.slice(i - from, stop - from));
      t.push(...made.t.slice(i - from, stop - from));
      i = stop;
    }
    return { x, t };
  }

  const origin = log(of.start) - rowsOf(0, 1, 0).x[0];
  const { x, t } = rowsOf(b * B, B + 1, origin);

  const readingOf = (d: number, c: number) => {
    const worlds = Math.floor(d / 2 ** 26);
    const inWorld = world(d);
    const e = Math.floor(inWorld / 1024);
    const n = mod(inWorld, 1024);
    const k = Math.floor(c / (C / 256));
    const [mine, common] = [its, whole].map((f) => {
      return f.age(e).U[n] + (c > 0 ? f.day(inWorld).S[k] : 0);
    });
    const part = C > 256 && c > 0 ? parts(inWorld * 256 + k).r[c % 256] : 0;
    const u = own * mine + shared * common + part;
    const all = own * its.age(e).U[1024] + shared * whole.age(e).U[1024];
    const weight = weightOf(inWorld);
    const business = worlds * weightBefore(2 ** 26) + weightBefore(inWorld) + (weight * c) / C;
    const days = worlds * 2 ** 26 + 1024 * e;
    return (p: number, time: number) =>
      (DAY_MS / of.intervalMs) *
      (0.4 * (business + (weight / C) * p) + 0.6 * (days + (1024 / all) * (u + time)));
  };
  const readings = new Map<string, ReturnType<typeof readingOf>>();
  const reading = (d: number, c: number) => {
    const at = c === C ? [d + 1, 0] : [d, c];
    const key = at.join();
    if (!readings.has(key)) readings.set(key, readingOf(at[0], at[1]));
    return readings.get(key)!;
  };
  const A = t.map((time, j) => {
    const { d, c, p } = placeOf(b * B + j);
    const [here, next] = [reading(d, c), reading(d, c + 1)];
    return Math.min(next(0, 0), Math.max(here(0, 0), here(p, time)));
  });
  return { x: x.slice(0, B), A };
}

/** 16.6 and 16.7: the exponents of block `b`, and the activity before its rows and the one after. */
export function marketBlock(of: ReferenceModel, b: number): { x: number[]; A: number[] } {
  return market(of, b);
}

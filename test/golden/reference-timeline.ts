/**
 * Section 24 of docs/prices.md as a program, step by step, in its order and with its names: slow and
 * plain. It shares nothing with the core, so that the text is held to be enough.
 */
import { B, gbmPath, log, logPrice, walkPath, walkPrice } from './reference.ts';
import { marketBlock } from './reference-market.ts';
import { modelPath, nearTicks } from './reference-models.ts';
import {
  countsOf,
  marketRows,
  movingRows,
  type ReferenceDone,
  type ReferenceRow,
  type ReferenceTraded,
  shownOf,
} from './reference-quotes.ts';
import { lotsBefore, type ReferenceTrading, sideOf, tradesBefore } from './reference-trading.ts';

/** An effect for the instrument, of an entry with row `index`. */
export interface ReferenceEffect {
  readonly kind: string;
  readonly index: number;
  readonly afterMs: number;
  readonly [parameter: string]: unknown;
}

interface Line {
  readonly s: number;
  readonly n: number;
  readonly percent: number;
  readonly t: number;
  readonly start: number;
}

interface Spell {
  readonly b: number;
  readonly D: number;
  readonly S: number;
  readonly T: number;
  readonly F: number;
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** All rows of an instrument, and of its trades and books what changes. */
export interface ReferenceTimeline {
  readonly row: (i: number) => ReferenceRow;
  /** The number of the first trade from row `i` on. */
  readonly number: (i: number) => number;
  /** Lots of the trades before row `i`. */
  readonly lots: (i: number) => number;
  readonly side: (i: number, isBid: boolean, levels: number) => (readonly [number, number])[];
}

/** What is done to an instrument whose coordinate is `X`. */
function doneTo(
  of: ReferenceTraded,
  effects: readonly ReferenceEffect[],
  X: (i: number) => number,
) {
  const isWalk = of.model === 'walk';
  const whole = (v: number) =>
    isWalk ? Math.floor(v + 0.5) : Math.floor(v * 2 ** 40 + 0.5) / 2 ** 40;
  const rows = (ms: unknown) => Math.max(1, Math.ceil((ms as number) / of.intervalMs));
  const before = (i: number) => Math.max(0, i - 1);

  // 24.1 Where effects begin and end
  const begin = (e: ReferenceEffect) => e.index + Math.ceil(e.afterMs / of.intervalMs);
  const ofKind = (kind: string) => effects.filter((e) => e.kind === kind);
  const ranges = (kind: string) =>
    ofKind(kind).map((e) => ({ ...e, s: begin(e), e: begin(e) + rows(e.forMs) }) as never as Range);
  type Range = Record<string, number> & { s: number; e: number; resume: string };

  // 24.2 Lines
  const lines: Line[] = [
    ...ofKind('shift').map((e) => {
      const s = begin(e);
      return { s, n: 0, percent: e.percent as number, t: 1, start: s };
    }),
    ...ofKind('drift').map((e) => {
      const [s, n] = [begin(e), rows(e.forMs)];
      const t = (n * of.intervalMs) / 86_400_000;
      return { s, n, percent: e.percentPerDay as number, t, start: s };
    }),
    ...ofKind('ramp').flatMap((e) => {
      const [s, n] = [begin(e), rows(e.overMs)];
      const percent = e.percent as number;
      const back = e.backPercent as number;
      const there = { s, n, percent, t: 1, start: s };
      if (back === 0) return [there];
      return [there, { s: s + n, n: rows(e.backOverMs), percent, t: -back / 100, start: s }];
    }),
  ].sort((p, q) => p.s - q.s || p.n - q.n || p.percent - q.percent || p.t - q.t);
  const amount = ({ percent, t, start }: Line) => {
    const x = X(before(start));
    if (isWalk) {
      const M = of.max - of.min;
      const r = ((x % (2 * (M + 1))) + 2 * (M + 1)) % (2 * (M + 1));
      const a = whole((percent / 100) * t * Math.max(1, Math.abs(walkPrice(of, x))));
      return (r > M ? -1 : 1) * Math.max(-M - 1, Math.min(M + 1, a));
    }
    const [low, high] = [log(of.min), log(of.max)];
    const isDown = high > low && Math.floor((x - low) / (high - low)) % 2 !== 0;
    return (isDown ? -1 : 1) * whole(log(1 + percent / 100) * t);
  };

  // 24.4 Holds
  const holds: { s: number; e: number; isFrozen: boolean }[] = [];
  for (const { s, e, resume } of ranges('halt').sort((p, q) => p.s - q.s)) {
    const last = holds.at(-1);
    const isFrozen = resume === 'frozen';
    if (last === undefined || s > last.e) holds.push({ s, e, isFrozen });
    else if (e > last.e) Object.assign(last, { e, isFrozen });
    else if (e === last.e) last.isFrozen ||= isFrozen;
  }

  // 24.3 Spells
  const vols = ranges('volatility').map(({ s, e, factor }) => {
    return { s, e, f: Math.floor((factor - 1) * 2 ** 20 + 0.5) / 2 ** 20 };
  });
  const liquidities = ranges('liquidity');
  const cuts = new Set([
    ...lines.flatMap(({ s, n }) => [s, s + n]),
    ...[...vols, ...liquidities, ...holds].flatMap(({ s, e }) => [s, e]),
  ]);
  const spells: Spell[] = [{ b: -1, D: 0, S: 0, T: 0, F: 0 }];
  const spellOf = (i: number) => spells.findLast(({ b }) => b <= i)!;
  const lift = (i: number) => {
    const { b, D, S, T, F } = spellOf(i);
    const line = S === 0 && T === 0 ? 0 : whole(S + T * (i - b + 1));
    return D + line + (F === 0 ? 0 : whole(F * (X(i) - X(before(b)))));
  };
  let [kept, taken] = [0, 0];
  for (const b of [...cuts].sort((p, q) => p - q)) {
    const last = spells.at(-1)!;
    if (last.F !== 0) kept += whole(last.F * (X(before(b)) - X(before(last.b))));
    const hold = holds.find(({ e }) => e === b);
    if (hold?.isFrozen) {
      const u = before(hold.s);
      taken += lift(b - 1) - lift(u) + whole(X(b - 1) - X(u));
    }
    const over = lines.filter(({ s, n }) => s + n <= b);
    const moving = lines.filter(({ s, n }) => s <= b && s + n > b);
    spells.push({
      b,
      D: sumOf(over.map(amount)) + kept - taken,
      S: sumOf(moving.map((line) => (amount(line) * (b - line.s)) / line.n)),
      T: sumOf(moving.map((line) => amount(line) / line.n)),
      F: sumOf(vols.filter(({ s, e }) => s <= b && b < e).map(({ f }) => f)),
    });
  }

  // 24.5 Rows
  const holdOf = (i: number) => holds.find(({ s, e }) => s <= i && i < e);
  const times = (of: string) => (i: number) =>
    liquidities
      .filter(({ s, e }) => s <= i && i < e)
      .map((one) => one[of])
      .sort((p, q) => p - q)
      .reduce((product, factor) => product * factor, 1);
  const done: ReferenceDone = {
    lift,
    isHeld: (i) => holdOf(i) !== undefined,
    shown: (i) => (holdOf(i) === undefined ? i : before(holdOf(i)!.s)),
    isChanged: (i) => {
      const { S, T, F } = spellOf(i);
      return cuts.has(i) || S !== 0 || T !== 0 || F !== 0;
    },
    spread: times('spread'),
  };
  return { done, depth: times('depth'), volume: times('volume'), cuts };
}

interface Path {
  readonly x: number[];
  readonly activity: number[];
}

/** By instrument: what nothing that is done changes. */
const known = new WeakMap<ReferenceTraded, Map<number, Path>>();

export function timelineOf(
  of: ReferenceTraded,
  effects: readonly ReferenceEffect[],
): ReferenceTimeline {
  const blocks = known.get(of) ?? new Map<number, Path>();
  known.set(of, blocks);
  const ones = new Array<number>(B).fill(1);
  const made = (b: number) => {
    if (of.model === 'walk') return { x: walkPath(of, b), activity: ones };
    if (of.model === 'gbm') {
      return {
        x: gbmPath(of, { ...of, ...(of.parameters as { drift: number; volatility: number }) }, b),
        activity: ones,
      };
    }
    if (of.model !== 'market') return modelPath(of, b);
    const { x, A } = marketBlock(of, b);
    return { x, activity: A };
  };
  const block = (b: number) => {
    if (!blocks.has(b)) blocks.set(b, made(b));
    return blocks.get(b)!;
  };
  const X = (i: number) => block(Math.floor(i / B)).x[i % B];
  const { done, depth, volume, cuts } = doneTo(of, effects, X);

  const pricesOf = (b: number) => {
    const { x, activity } = block(b);
    const at = (j: number) => done.lift(b * B + j);
    const price = (one: (of: ReferenceTraded, x: number) => number) =>
      x.map((value, j) => one(of, value + at(j)));
    if (of.model === 'walk') return { prices: price(walkPrice), activity };
    if (of.model === 'gbm') return { prices: price(logPrice), activity };
    return { prices: nearTicks(x, of.min, of.max, at), activity };
  };
  const isMarket = of.model === 'market';
  const base = isMarket ? marketRows(of, done) : movingRows(of, pricesOf, done);

  // 24.6 Trades
  const trading: ReferenceTrading = { ...of, least: isMarket ? 0 : 1 };
  const A = (row: number) => block(Math.floor(row / B)).activity[row % B];
  const a = isMarket ? (row: number) => A(Math.max(0, row - 1)) : (row: number) => row;
  const { N } = countsOf(of);
  const count = (i: number) => (isMarket ? tradesBefore(trading, i, a) : N(i));
  const V = (i: number) => lotsBefore(trading, count(i));
  const lotsOf = (v: number, trades: number, lots: number) =>
    v === 1 ? lots : v > 1 ? Math.floor(v * lots) : trades + Math.floor(v * (lots - trades));
  const starts = [...cuts].sort((p, q) => p - q);
  const parts = [{ b: 0, v: 1, isHeld: false }];
  for (const b of starts) {
    const part = { b, v: volume(b), isHeld: done.isHeld(b) };
    const last = parts.at(-1)!;
    if (last.v !== part.v || last.isHeld !== part.isHeld) parts.push(part);
  }
  /** What the rows before `i` have, part by part. */
  const upTo = (i: number, ofPart: (from: number, next: number, v: number) => number) =>
    sumOf(
      parts.map(({ b, v, isHeld }, n) => {
        const next = Math.min(i, parts[n + 1]?.b ?? i);
        return isHeld || next <= b ? 0 : ofPart(b, next, v);
      }),
    );
  const number = (i: number) => upTo(i, (from, next) => count(next) - count(from));
  const lots = (i: number) =>
    upTo(i, (from, next, v) => lotsOf(v, count(next) - count(from), V(next) - V(from)));

  return {
    number,
    lots,
    row: (i) => {
      const row = base(i);
      if (done.isHeld(i)) {
        // Of what is closed nobody asks whether it is halted.
        return { ...row, trades: 0, volume: 0, aggressor: 0, status: row.status === 2 ? 2 : 1 };
      }
      return { ...row, volume: Math.min(2 ** 32 - 1, lots(i + 1) - lots(i)) };
    },
    side: (i, isBid, levels) => {
      const { bid, ask } = base(i);
      let row = shownOf(of, done)(i);
      if (isMarket) while (row > 0 && A(row - 1) === A(row)) row--;
      return sideOf(trading, isBid, isBid ? bid : ask, row, levels, depth(row));
    },
  };
}

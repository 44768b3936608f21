/**
 * Section 17 of docs/prices.md as a program, row by row, in its order and with its names. It shares
 * nothing with the core, so that the text is held to be enough.
 */
import { B, exp, log } from './reference.ts';
import { referenceCalendar } from './reference-calendar.ts';
import { marketBlock } from './reference-market.ts';
import { modelBlock, type ReferenceModel, turned } from './reference-models.ts';
import {
  key,
  lotsBefore,
  noiseAt,
  type ReferenceTrading,
  tradesBefore,
} from './reference-trading.ts';

/** How an instrument is traded, and the law of its prices. */
export interface ReferenceTraded extends ReferenceModel {
  readonly spreadTicks: number;
  readonly tradesPerDay: number;
  readonly lotsPerTrade: number;
}

export interface ReferenceRow {
  readonly bid: number;
  readonly ask: number;
  readonly last: number;
  readonly trades: number;
  readonly volume: number;
  readonly aggressor: number;
  readonly status: number;
}

/** 25. Whether a row is open: it tells of the time since the row before it. */
export function isOpenOf({ calendar, originMs, intervalMs }: ReferenceModel) {
  const hours = referenceCalendar(calendar);
  return (i: number) => {
    const ms = originMs + i * intervalMs;
    return hours.sessionAfter(ms - intervalMs).openMs <= ms;
  };
}

const MOST = 2 ** 32 - 1;

function memo<V>(make: (n: number) => V): (n: number) => V {
  const known = new Map<number, V>();
  return (n) => {
    const value = known.get(n) ?? make(n);
    known.set(n, value);
    return value;
  };
}

/** What sections 19 to 21 say of a row, whose trades are numbered by `N`. */
function tradedBy(of: ReferenceTrading, N: (i: number) => number, rate: number) {
  let finest = 0;
  while (2 ** finest < rate) finest++;
  const orders = { cells: 37, phases: 38, finest, levels: 18, fall: 0.3 };
  const spreads = { cells: 39, phases: 40, finest: 0, levels: 12, fall: 0.2 };
  return {
    isBought: (i: number, z: number) =>
      Math.sqrt(0.4) * z + Math.sqrt(1 - 0.4) * noiseAt(of, orders, N(i + 1) - 1) > 0,
    spreadNoise: (number: number) => noiseAt(of, spreads, number),
    counted: (i: number) => ({
      trades: Math.min(MOST, N(i + 1) - N(i)),
      volume:
        N(i + 1) === N(i) ? 0 : Math.min(MOST, lotsBefore(of, N(i + 1)) - lotsBefore(of, N(i))),
    }),
  };
}

/** What section 24 says of rows. */
export interface ReferenceDone {
  /** What is added to the coordinate `X` of row `i`. */
  readonly lift: (i: number) => number;
  readonly isHeld: (i: number) => boolean;
  /** The row that row `i` shows: itself, or the one before a hold. */
  readonly shown: (i: number) => number;
  readonly isChanged: (i: number) => boolean;
  readonly spread: (i: number) => number;
}

const NOTHING: ReferenceDone = {
  lift: () => 0,
  isHeld: () => false,
  shown: (i) => i,
  isChanged: () => false,
  spread: () => 1,
};

/** 17.1. Rows of the model `market`; those that are held are as they stand. */
export function marketRows(of: ReferenceTraded, done = NOTHING): (i: number) => ReferenceRow {
  const { volatility } = of.parameters as { volatility: number };
  const hours = referenceCalendar(of.calendar);
  const isOpen = isOpenOf(of);
  const shown = shownOf(of, done);
  const block = memo((b: number) => marketBlock(of, b));
  const X = (i: number) => block(Math.floor(i / B)).x[i % B];
  const A = (i: number) => block(Math.floor(i / B)).A[i % B];
  const stillOf = memo((i: number): number => {
    let q = i;
    while (q > 0 && A(q - 1) === A(i)) q--;
    return q;
  });
  const x = (i: number) => {
    const q = stillOf(i);
    const row = done.shown(q);
    return (done.isHeld(q) ? X(row) : X(i)) + done.lift(row);
  };
  const open = hours.openShare;
  const Y = (365.25 * hours.daysPerWeek) / 7;

  const trading: ReferenceTrading = { ...of, least: 0 };
  const rate = (of.tradesPerDay * of.intervalMs) / 86_400_000;
  const N = memo((i: number) => tradesBefore(trading, i, (row) => A(Math.max(0, row - 1))));
  const renewals = { ...trading, Kt: key(trading, 43, 0), rate: 7 * open };
  const Q = memo((i: number) => tradesBefore(renewals, i, A));
  const { isBought, spreadNoise, counted } = tradedBy(trading, N, rate);

  const quotesOf = memo((i: number): readonly [number, number] => {
    const isStill = i > 0 && A(i) === A(i - 1);
    const isRenewed =
      done.isChanged(i) || i % 64 === 0 || Q(i) !== Q(i - 1) || (!isStill && A(i + 1) === A(i));
    if (!isRenewed) return quotesOf(i - 1);
    const q = stillOf(i);
    const mid = exp(turned(x(i), log(of.min), log(of.max)));
    const m = Math.min(64, q);
    const near = q === 0 ? 1 / open : (A(q) - A(q - m)) / m;
    const G = Math.max(-2, Math.min(2, spreadNoise(q)));
    const part = Math.sqrt(Math.sqrt(near * open)) * exp(0.35 * G - 0.06);
    const half = (of.spreadTicks / (2 * of.start)) * part * mid * done.spread(q);
    const bid = Math.max(of.min, Math.min(of.max - 1, Math.floor(mid - half + 0.5)));
    return [bid, Math.min(of.max, Math.max(bid + 1, Math.floor(mid + half + 0.5)))];
  });

  const moves = [
    [1, 0.4],
    [16, 0.35],
    [64, 0.25],
  ];
  let c = 0;
  for (const [k, w] of moves) {
    for (const [l, v] of moves) c += Math.sqrt(w * v * (Math.min(k, l) / Math.max(k, l)));
  }
  const s = volatility / Math.sqrt(Y) / Math.sqrt(86_400_000 / of.intervalMs);
  const zOf = (i: number) => {
    let z = 0;
    for (const [k, w] of moves) {
      const j = i - Math.min(k, i);
      const t = A(i) - A(j);
      const y = t > 0 ? (x(i) - x(j)) / Math.sqrt(t) : 0;
      z += (s > 0 ? Math.sqrt(w) / (s * Math.sqrt(c)) : 0) * y;
    }
    return z;
  };
  const takerOf = (i: number) => (N(i + 1) === N(i) ? 0 : isBought(i, zOf(i)) ? 1 : 2);
  const lastOf = (i: number): number => {
    if (of.tradesPerDay === 0) return quotesOf(shown(i))[0];
    let row = i;
    while (row > 0 && (done.isHeld(row) || N(row + 1) === N(row))) row--;
    if (done.isHeld(row)) return quotesOf(0)[0];
    return quotesOf(row)[takerOf(row) === 1 ? 1 : 0];
  };
  return (i) => {
    const [bid, ask] = quotesOf(shown(i));
    const status = isOpen(i) ? 0 : 2;
    return { bid, ask, last: lastOf(i), ...counted(i), aggressor: takerOf(i), status };
  };
}

/** 25. How many open rows there were, session by session, and how many a whole day has. */
export function openRowsOf({ calendar, originMs, intervalMs }: ReferenceModel) {
  const hours = referenceCalendar(calendar);
  const rowFrom = (ms: number) => Math.ceil((ms - originMs) / intervalMs);
  const rowsIn = (ms: number) => Math.ceil(ms / intervalMs) + 1;
  /** Each session from before row 0 on: its first and last row, and how many it counts. */
  const sessions: { open: number; close: number; rows: number; before: number }[] = [];
  let date = Math.floor(originMs / 86_400_000) - 20;
  let sum = 0;
  const since = (i: number): number => {
    while (sessions.length === 0 || sessions.at(-1)!.open < i) {
      for (const { openMs, closeMs } of hours.sessionsOf(date++)) {
        const rows = rowsIn(closeMs - openMs);
        sessions.push({ open: rowFrom(openMs), close: rowFrom(closeMs), rows, before: sum });
        sum += rows;
      }
    }
    const { open, close, rows, before } = sessions.findLast((session) => session.open < i)!;
    const now = i > close ? rows : rows - (close + 1 - i);
    // Of one that ends with the row that the next one opens with, a row is left.
    const last = sessions.findLast((session) => session.open < i && session.close >= i);
    if (last === undefined || last.open === open) return before + now;
    return last.before + last.rows - (last.close + 1 - i);
  };
  const zero = memo(since);
  const [open, close, from, to] = hours.whole;
  const rowsPerDay = from === to ? rowsIn(close - open) : rowsIn(from - open) + rowsIn(close - to);
  return { L: (i: number) => zero(i) - zero(0), rowsPerDay };
}

/** 19 and 25. Trades before a row, of all models but `market`. */
export function countsOf(of: ReferenceTraded) {
  const { L, rowsPerDay } = openRowsOf(of);
  const isAlways = of.calendar === 'always';
  const rate = isAlways
    ? (of.tradesPerDay * of.intervalMs) / 86_400_000
    : of.tradesPerDay / rowsPerDay;
  const trading: ReferenceTrading = { ...of, least: 1, rate };
  const N = memo((i: number) => tradesBefore(trading, isAlways ? i : L(i), (row) => row));
  return { trading, N, rate };
}

/** 25. The last open row up to a row: the first one from a close on; row 0 before all. */
function openRowOf(of: ReferenceModel) {
  const hours = referenceCalendar(of.calendar);
  const isOpen = isOpenOf(of);
  return (row: number) => {
    if (isOpen(row)) return row;
    const beforeMs = of.originMs + (row - 1) * of.intervalMs;
    for (let date = Math.floor(beforeMs / 86_400_000) + 2; ; date--) {
      const last = hours.sessionsOf(date).findLast(({ closeMs }) => closeMs <= beforeMs);
      if (last !== undefined) {
        return Math.max(0, Math.ceil((last.closeMs - of.originMs) / of.intervalMs));
      }
    }
  };
}

/** 24 and 25. The row that a row shows: before a halt it may have been closed, or the other way. */
export function shownOf(of: ReferenceModel, done: ReferenceDone) {
  const openOf = openRowOf(of);
  return (row: number) => {
    for (let i = row; ; ) {
      const open = openOf(i);
      const shown = done.shown(open);
      if (shown === i || (shown === open && openOf(open) === open)) return shown;
      i = shown;
    }
  };
}

/** 17.2. Rows of all other models, of which `pricesOf` gives the blocks. */
export function movingRows(
  of: ReferenceTraded,
  pricesOf: (b: number) => { readonly prices: number[]; readonly activity: number[] } = (b) =>
    modelBlock(of, b),
  done = NOTHING,
): (i: number) => ReferenceRow {
  const block = memo(pricesOf);
  const price = (i: number) => block(Math.floor(i / B)).prices[i % B];
  const isOpen = isOpenOf(of);
  const { trading, N, rate } = countsOf(of);
  const { isBought, spreadNoise, counted } = tradedBy(trading, N, Math.max(1, rate));
  const shown = shownOf(of, done);
  return (row) => {
    const i = shown(row);
    const last = price(i);
    const isHalted = i > 0 && done.shown(i - 1) !== i - 1;
    const before = i === 0 ? last : price(isHalted ? shown(i - 1) : i - 1);
    const a = block(Math.floor(i / B)).activity[i % B];
    const middle = of.spreadTicks * exp((-0.35 * 0.35) / 2);
    const wide =
      middle * exp(0.35 * spreadNoise(Math.floor(i / 8))) * Math.sqrt(a) * done.spread(i);
    const room = Math.max(last - of.min, of.max - last);
    const spread = Math.min(room, Math.max(1, Math.floor(wide + 0.5)));
    let bought = isBought(i, Math.sign(last - before));
    if (bought ? last - spread < of.min : last + spread > of.max) bought = !bought;
    const quotes = { bid: bought ? last - spread : last, ask: bought ? last : last + spread, last };
    if (!isOpen(row)) return { ...quotes, volume: 0, trades: 0, aggressor: 0, status: 2 };
    return { ...quotes, ...counted(i), aggressor: bought ? 1 : 2, status: 0 };
  };
}

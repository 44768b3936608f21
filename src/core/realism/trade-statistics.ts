import { autocorrelation } from './autocorrelation.ts';
import type { RowTimes } from './hours.ts';
import { centred, momentsOf } from './moments.ts';
import { FILL_SLICE, SLICE, type Steps } from './steps.ts';
import { hillOf } from './tail.ts';

const MINUTE_MS = 60_000;
/** Rows with a trade, and trades, of which anything is said. */
const MIN_SIGNS = 2000;
const MIN_WAITS = 1000;
const TAIL_SHARE = 1 / 100;

/** What was traded, in rows and one by one. */
export interface Traded {
  /** Of each row: 1 where buyers came, 2 where sellers did, 0 without a trade. */
  readonly sides?: Uint8Array;
  /** Lots of each row. */
  readonly volume?: ArrayLike<number>;
  /** Lots of trades, and how long each came after the one before it. */
  readonly lots?: Float64Array;
  readonly waits?: Float64Array;
}

/** What trades are like. A null is not known: of too few. */
export interface TradeStatistics {
  /** Trades that were looked at one by one. */
  readonly trades: number;
  /** Autocorrelation of sides, from each row that has a trade to the next, and to the hundredth. */
  readonly signs1: number | null;
  readonly signs100: number | null;
  /** Hill's estimate from the largest 1 % of volumes of whole minutes, and of lots a trade. */
  readonly volumeTail: number | null;
  readonly lotsTail: number | null;
  /** Deviation of the waits between trades, over their mean. */
  readonly waits: number | null;
}

/** What it needs is made in `room`, which has room for a number of each row. */
export function* tradeStatisticsOf(
  { sides, volume, lots, waits }: Traded,
  times: RowTimes,
  room: Float64Array,
): Steps<TradeStatistics> {
  const signs = sides === undefined ? [null, null] : yield* signsOf(sides, room);
  return {
    trades: lots?.length ?? 0,
    signs1: signs[0]!,
    signs100: signs[1]!,
    volumeTail: volume === undefined ? null : yield* volumeTailOf(volume, times),
    lotsTail: lots === undefined ? null : ((yield* hillOf(lots, TAIL_SHARE, 0))?.index ?? null),
    waits: waits === undefined ? null : yield* waitsOf(waits),
  };
}

function* signsOf(sides: Uint8Array, signs: Float64Array): Steps<readonly (number | null)[]> {
  let count = 0;
  for (let from = 0; from < sides.length; from += FILL_SLICE) {
    const next = Math.min(sides.length, from + FILL_SLICE);
    for (let i = from; i < next; i++) if (sides[i] !== 0) signs[count++] = sides[i] === 1 ? 1 : -1;
    yield;
  }
  if (count < MIN_SIGNS) return [null, null];
  const around = yield* centred(signs.subarray(0, count), signs);
  return around === null ? [null, null] : yield* autocorrelation(around, [1, 100]);
}

/** An opening row is left out: it has what was traded in a night. */
function* volumeTailOf(
  volume: ArrayLike<number>,
  { stretches, intervalMs }: RowTimes,
): Steps<number | null> {
  const minuteRows = MINUTE_MS / intervalMs;
  if (minuteRows < 1 || minuteRows !== Math.floor(minuteRows)) return null;
  const many = stretches.map(({ rows }) => Math.max(0, Math.floor((rows - 1) / minuteRows)));
  const minutes = new Float64Array(many.reduce((sum, count) => sum + count, 0));
  let [at, row, passed] = [0, 0, 0];
  for (const [n, { rows }] of stretches.entries()) {
    for (let minute = 0; minute < many[n]!; minute++, at++) {
      const from = row + 1 + minute * minuteRows;
      let sum = 0;
      for (let i = from; i < from + minuteRows; i++) sum += volume[i]!;
      minutes[at] = sum;
      passed += minuteRows;
      if (passed < SLICE) continue;
      passed = 0;
      yield;
    }
    row += rows;
  }
  return (yield* hillOf(minutes, TAIL_SHARE, 0))?.index ?? null;
}

function* waitsOf(waits: Float64Array): Steps<number | null> {
  if (waits.length < MIN_WAITS) return null;
  const { mean, deviation } = yield* momentsOf(waits);
  return mean === null || mean === 0 ? null : deviation! / mean;
}

/**
 * The time of one instrument: its variance, own and shared, by rows; and its activity, which goes
 * with the day's business and with variance.
 */
import type { Grid } from '../grid.ts';
import { DAY_MS } from '../time.ts';
import { AGE_DAYS, dayOfWorld, SEGMENTS, WORLD_DAYS } from './calendar.ts';
import type { Factor } from './factor.ts';
import type { SharedRows } from './factors.ts';
import { type Layout, PARTS, type Place, type Places } from './places.ts';
import type { Scratch } from './scratch.ts';

/** Of activity, what goes with the day's business; the rest goes with variance. */
const BUSINESS = 0.4;
const PART_BYTES = 8 * (PARTS + 1);

const place: Place = { day: 0, cell: 0, inside: 0 };
const oneInside = new Float64Array(1);
const oneOwn = new Float64Array(1);
const oneShared = new Float64Array(1);
const partPlaces = Float64Array.from({ length: PARTS }, (_, n) => n / PARTS);

export class InstrumentTime {
  readonly own: Factor;
  readonly market: Factor;
  readonly places: Places;
  /** Of the variance: what is the instrument's own, and what is shared. */
  readonly #ownShare: number;
  readonly #sharedShare: number;
  readonly #marketRows: SharedRows;
  readonly #rowsPerDay: number;
  readonly #scratch: Scratch;
  readonly #owner: number;

  constructor(
    own: Factor,
    market: Factor,
    ownShare: number,
    sharedShare: number,
    places: Places,
    marketRows: SharedRows,
    grid: Grid,
    scratch: Scratch,
  ) {
    this.own = own;
    this.market = market;
    this.places = places;
    this.#ownShare = ownShare;
    this.#sharedShare = sharedShare;
    this.#marketRows = marketRows;
    this.#rowsPerDay = DAY_MS / grid.intervalMs;
    this.#scratch = scratch;
    this.#owner = scratch.newSegmentOwner();
  }

  get isInParts(): boolean {
    return this.places.cellsOfDay > SEGMENTS;
  }

  /** What the market's variance is by the rows of a run, on grids that are not in parts. */
  marketRows(block: number, run: number): Float64Array {
    return this.#marketRows.of(block, run);
  }

  /**
   * Fills `out[from .. next)` with the variance from the start of a cell to these rows of it, and
   * `out[next]` with that to its end. `marketRows` are those of the block; on grids in parts they
   * are not needed.
   */
  fillCell(
    out: Float64Array,
    layout: Layout,
    run: number,
    marketRows: Float64Array | undefined,
  ): void {
    const { inside } = layout;
    const from = layout.from[run]!;
    const next = layout.next[run]!;
    const day = dayOfWorld(layout.days[run]!);
    const cell = layout.cells[run]!;
    const whole = this.#wholeOf(day, cell);
    if (marketRows === undefined) {
      for (let i = from; i < next; i++) out[i] = whole * inside[i]!;
    } else {
      const [own, shared] = [this.#ownShare, this.#sharedShare];
      const rows = out.subarray(from, next);
      this.own.fillSegment(rows, inside, from, next, day, cell, own, marketRows, shared);
    }
    out[next] = whole;
  }

  /** A segment's variance from its start to each of its parts, and last to its end. */
  parts(day: number, segment: number): Float64Array {
    const make = () => {
      const own = new Float64Array(PARTS + 1);
      const market = this.market.parts(day, segment);
      this.own.fillSegment(own, partPlaces, 0, PARTS, day, segment);
      own[PARTS] = this.own.ofSegment(day, segment);
      for (let n = 0; n <= PARTS; n++) {
        own[n] = this.#ownShare * own[n]! + this.#sharedShare * market[n]!;
      }
      return own;
    };
    return this.#scratch.segment(this.#owner, day * SEGMENTS + segment, PART_BYTES, make);
  }

  /**
   * Puts the activity before each `step`th row of a layout, those from `from` to before `next`, in
   * `out`, from `at` on. `time` is the variance of rows since the start of their cell. 3 ns each.
   */
  fillRows(
    out: Float64Array,
    at: number,
    layout: Layout,
    time: Float64Array,
    from: number,
    next: number,
    step: number,
  ): void {
    const { days, cells, inside } = layout;
    let run = runOf(layout, from);
    // Most runs begin where the one before ends.
    let [nextDay, nextCell] = [Number.NaN, -1];
    let following: Reading | undefined;
    for (let i = from, n = at; i < next; run++) {
      const inCell = layout.from[run]!;
      const stop = Math.min(next, layout.next[run]!);
      if (i >= stop) continue;
      const day = days[run]!;
      const cell = cells[run]!;
      const isNext = day === nextDay && cell === nextCell;
      const reading = isNext ? following! : this.#reading(day, cell);
      const start = activityOf(reading, 0, 0);
      for (; i < Math.min(stop, inCell); i += step) out[n++] = start;
      if (i >= stop) continue;
      const isLast = cell + 1 === this.places.cellsOfDay;
      nextDay = isLast ? day + 1 : day;
      nextCell = isLast ? 0 : cell + 1;
      following = this.#reading(nextDay, nextCell);
      const end = activityOf(following, 0, 0);
      for (; i < stop; i += step) {
        out[n++] = readAt(reading, inside[i]!, time[i]!, start, end);
      }
    }
  }

  /** The activity before row `index`; the same to the last bit as from a block. 2 us. */
  clockAt(index: number): number {
    this.places.placeOf(place, index);
    const { day, cell, inside } = place;
    const start = this.#activityAt(day, cell);
    if (inside === 0) return start;
    const reading = this.#reading(day, cell);
    const gone = this.#timeAt(dayOfWorld(day), cell, inside);
    return readAt(reading, inside, gone, start, this.#activityAt(day, cell + 1));
  }

  #timeAt(day: number, cell: number, inside: number): number {
    if (this.isInParts) return this.#wholeOf(day, cell) * inside;
    oneInside[0] = inside;
    this.market.fillSegment(oneShared, oneInside, 0, 1, day, cell);
    const [own, shared] = [this.#ownShare, this.#sharedShare];
    this.own.fillSegment(oneOwn, oneInside, 0, 1, day, cell, own, oneShared, shared);
    return oneOwn[0]!;
  }

  /** The variance of a cell. */
  #wholeOf(day: number, cell: number): number {
    if (this.isInParts) {
      const parts = this.parts(day, Math.floor(cell / PARTS));
      const part = cell % PARTS;
      return parts[part + 1]! - parts[part]!;
    }
    const own = this.own.ofSegment(day, cell);
    return this.#ownShare * own + this.#sharedShare * this.market.ofSegment(day, cell);
  }

  /** The activity at the start of a cell; of one more than a day has, at the day's end. */
  #activityAt(day: number, cell: number): number {
    const isNext = cell === this.places.cellsOfDay;
    const reading = this.#reading(isNext ? day + 1 : day, isNext ? 0 : cell);
    return activityOf(reading, 0, 0);
  }

  #reading(day: number, cell: number): Reading {
    const { calendar, cellsOfDay } = this.places;
    const worlds = Math.floor(day / WORLD_DAYS);
    const d = day - worlds * WORLD_DAYS;
    const age = Math.floor(d / AGE_DAYS);
    const own = this.own.age(age).variance;
    const market = this.market.age(age).variance;
    const at = d - age * AGE_DAYS;
    let [ownTime, marketTime, partTime] = [own[at]!, market[at]!, 0];
    if (cell > 0) {
      const segment = Math.floor(cell / (cellsOfDay / SEGMENTS));
      ownTime += this.own.day(d).variance[segment]!;
      marketTime += this.market.day(d).variance[segment]!;
      if (this.isInParts) partTime = this.parts(d, segment)[cell % PARTS]!;
    }
    const whole = this.#ownShare * own[AGE_DAYS]! + this.#sharedShare * market[AGE_DAYS]!;
    const business = worlds * calendar.weightBefore(WORLD_DAYS) + calendar.weightBefore(d);
    const weight = calendar.weightOf(d);
    return {
      rows: this.#rowsPerDay,
      business: business + (weight * cell) / cellsOfDay,
      weight: weight / cellsOfDay,
      days: worlds * WORLD_DAYS + age * AGE_DAYS,
      time: this.#ownShare * ownTime + this.#sharedShare * marketTime + partTime,
      scale: AGE_DAYS / whole,
    };
  }
}

/** The run of a layout that has a row of it. */
export function runOf({ runs, next }: Layout, row: number): number {
  let [before, run] = [-1, runs - 1];
  while (run - before > 1) {
    const middle = (run + before) >> 1;
    if (next[middle]! > row) run = middle;
    else before = middle;
  }
  return run;
}

/** What activity is made of, from the start of a cell on. */
interface Reading {
  readonly rows: number;
  /** Days of business by weight before the cell, and the weight of the cell. */
  readonly business: number;
  readonly weight: number;
  /** Days before the age. */
  readonly days: number;
  /** Variance from the start of the age to that of the cell, and days of the age per variance. */
  readonly time: number;
  readonly scale: number;
}

function activityOf(of: Reading, inside: number, time: number): number {
  const business = of.business + of.weight * inside;
  return of.rows * (BUSINESS * business + (1 - BUSINESS) * (of.days + of.scale * (of.time + time)));
}

function readAt(of: Reading, inside: number, time: number, start: number, end: number): number {
  return Math.min(end, Math.max(start, activityOf(of, inside, time)));
}

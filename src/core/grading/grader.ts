import { formatPrice } from '../market/instrument.ts';
import type { Excuses } from './excuses.ts';
import type { FaultsGrade, Grade, SymbolGrade } from './grade.ts';
import { ON_THEIR_WAY } from './hole.ts';
import { SymbolRecord } from './symbol-record.ts';
import type { Truth } from './truth.ts';

/** Holes that are remembered, of all symbols: 8 MB; of one there may always be some. */
const MOST_HOLES = 2 ** 19;
const LEAST_HOLES = 64;
/** Names that are listed of symbols that there are not. */
const MOST_NAMES = 20;
/** Holes that are counted between two yields. */
const HOLES_PER_STEP = 2 ** 10;

type Range = readonly [from: number, next: number];

/** Places of a record that are missing for good. */
interface Lost {
  readonly own: SymbolRecord;
  readonly range: Range;
}

export interface GraderOptions {
  readonly truth: Truth;
  /** Whether prices come as decimals: ticks * tick size. Default: as ticks. */
  readonly isDecimal?: boolean;
  /** The columns that records must be there of. Default: of those that there are some of. */
  readonly columns?: readonly number[];
  /** Records must be there after the one time and up to the other. Default: as far as they are. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** What was done to the records on their way. Default: nothing. */
  readonly excuses?: Excuses | undefined;
}

/**
 * Holds records against what is true, one after the other in the order in which they were taken
 * in, in memory that does not grow with them.
 *
 *     const place = grader.record(column, key);
 *     if (place >= 0) {
 *       if (!truth.has(column, place)) yield* truth.make(column, place);
 *       if (!grader.isRight(column, place, field, value)) grader.wrong(...);
 *     }
 *     if (grader.isBehind) yield* grader.settle();
 */
export class Grader {
  readonly truth: Truth;
  readonly #isDecimal: boolean;
  readonly #tickSizes: readonly number[];
  readonly #sinceMs: number | undefined;
  readonly #untilMs: number | undefined;
  readonly #excuses: Excuses | undefined;
  readonly #symbols = new Map<number, SymbolRecord>();
  readonly #byColumn: (SymbolRecord | undefined)[] = [];
  /** Where each column is to be graded: `[from, next)`. */
  readonly #ranges: Range[] = [];
  /** What is still to be counted of what is missing. */
  #lost: Lost[] = [];
  readonly #mostHoles: number;
  readonly #unknown = new Set<string>();
  #unknownCount = 0;
  #records = 0;
  #outside = 0;
  /** Wrong values that are right in the other notation. */
  #otherwiseRight = 0;

  constructor(options: GraderOptions) {
    const { truth, isDecimal = false, columns, sinceMs, untilMs, excuses } = options;
    const { instruments } = truth.timeline;
    this.truth = truth;
    this.#isDecimal = isDecimal;
    this.#tickSizes = instruments.map(({ tickSize }) => tickSize);
    this.#sinceMs = sinceMs;
    this.#untilMs = untilMs;
    this.#excuses = excuses;
    const symbols = columns?.length ?? instruments.length;
    this.#mostHoles = Math.max(LEAST_HOLES, Math.floor(MOST_HOLES / symbols));
    for (const column of columns ?? []) this.#recordOf(column);
  }

  /** How many records were taken. */
  get records(): number {
    return this.#records;
  }

  /** Takes a record: gives its place, or -1 where its values are not to be looked at. */
  record(column: number, key: number): number {
    const { truth } = this;
    const own = this.#byColumn[column] ?? this.#recordOf(column);
    this.#records += 1;
    const place = truth.placeOf(column, key);
    if (place < 0) {
      own.takeOffGrid(key);
      this.#excuses?.ofOffGrid(own.excuses, key, own.seen.next);
      return -1;
    }
    const range = this.#ranges[column];
    if (place < range[0] || place >= range[1]) {
      this.#outside += 1;
      return -1;
    }
    const due = own.seen.next;
    const order = own.take(place);
    if (this.#excuses !== undefined) {
      const { holeNext } = own.seen;
      const awayFrom = own.seen.holeEndingFrom(due - ON_THEIR_WAY) ?? due;
      this.#excuses.ofRecord(own.excuses, { key, place, due, order, holeNext, awayFrom });
    }
    return place;
  }

  /** Notes a record of a symbol that the market does not have. */
  unknown(symbol: string): void {
    this.#records += 1;
    this.#unknownCount += 1;
    if (this.#unknown.size < MOST_NAMES) this.#unknown.add(symbol);
  }

  /** Whether a value is the true one: of a price as a decimal, what its text or its product is. */
  isRight(column: number, place: number, field: number, value: number): boolean {
    const true_ = this.truth.valueAt(column, place, field);
    if (!this.#isDecimal || !this.truth.arePrices[field]) return value === true_;
    return value === true_ * this.#tickSizes[column] || value === this.#decimal(column, true_);
  }

  /** Notes a value that is not the true one, as it was recorded. */
  wrong(column: number, place: number, field: number, given: number | string): void {
    const { truth } = this;
    const ticks = truth.valueAt(column, place, field);
    const isPrice = truth.arePrices[field];
    const decimal = isPrice ? this.#decimal(column, ticks) : ticks;
    if (isPrice && given === (this.#isDecimal ? ticks : decimal)) this.#otherwiseRight += 1;
    const own = this.#byColumn[column]!;
    this.#excuses?.ofWrong(own.excuses, place, field);
    own.takeWrong({
      at: truth.keyOf(column, place),
      field: truth.fields[field],
      given,
      true: this.#isDecimal ? decimal : ticks,
    });
  }

  /** Whether `settle` has something to do. */
  get isBehind(): boolean {
    return this.#lost.length > 0;
  }

  /** Counts what is missing for good; yields often. */
  *settle(): Generator<void, void, void> {
    const lost = this.#lost;
    this.#lost = [];
    for (const [n, { own, range }] of lost.entries()) {
      yield* this.#count(own, range);
      if (n % HOLES_PER_STEP === 0) yield;
    }
  }

  /** What all records come to; yields often. */
  *finish(): Generator<void, Grade, void> {
    yield* this.settle();
    const { truth } = this;
    const { timeline } = truth;
    const shared = truth.isShared ? this.#sharedRange() : undefined;
    const symbols: Record<string, SymbolGrade> = {};
    const inOrder = [...this.#symbols.values()].sort((one, other) => one.column - other.column);
    let [oldest, newest] = [Number.POSITIVE_INFINITY, 0];
    for (const own of inOrder) {
      const { column } = own;
      const range = shared ?? this.#ownRange(own);
      yield* this.#countMissing(own, range);
      symbols[timeline.symbols[column]] = own.grade((place) => truth.keyOf(column, place));
      if (range[1] > range[0]) {
        oldest = Math.min(oldest, truth.rowOf(column, range[0]));
        newest = Math.max(newest, truth.rowOf(column, range[1] - 1));
      }
      yield;
    }
    const columns = inOrder.map(({ column }) => column);
    const faults = yield* this.#gradeFaults(columns, oldest, newest + 1);
    const areRight = Object.values(symbols).every(({ right }) => right);
    const hint = this.#hint();
    const isKnown = shared !== undefined && shared[1] > shared[0];
    return {
      right: areRight && this.#unknownCount === 0,
      what: truth.what,
      market: timeline.idAt(newest),
      from: isKnown ? truth.keyOf(0, shared[0]) : null,
      until: isKnown ? truth.keyOf(0, shared[1] - 1) : null,
      records: this.#records,
      outside: this.#outside,
      symbols,
      unknownSymbols: { count: this.#unknownCount, names: [...this.#unknown] },
      ...(faults === undefined ? {} : { faults }),
      ...(hint === undefined ? {} : { hint }),
    };
  }

  *#gradeFaults(
    columns: readonly number[],
    from: number,
    next: number,
  ): Generator<void, FaultsGrade | undefined, void> {
    if (this.#excuses === undefined) return undefined;
    return yield* this.#excuses.grade(columns, Math.min(from, next), next);
  }

  #recordOf(column: number): SymbolRecord {
    const own: SymbolRecord = new SymbolRecord(column, this.#mostHoles, (from, next) => {
      this.#lost.push({ own, range: [from, next] });
    });
    this.#excuses?.follow(column);
    this.#symbols.set(column, own);
    this.#byColumn[column] = own;
    const range = this.#asked(column);
    this.#ranges[column] = range;
    if (range[0] >= 0) own.seen.expectFrom(range[0]);
    return own;
  }

  /** The places of a column that were asked for; without an end where none was named. */
  #asked(column: number): Range {
    const [sinceMs, untilMs] = [this.#sinceMs, this.#untilMs];
    const { truth } = this;
    let [from, next] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    if (sinceMs !== undefined) [from] = truth.placesIn(column, sinceMs, sinceMs);
    const { originMs, intervalMs } = truth.timeline.grid;
    if (untilMs !== undefined) [, next] = truth.placesIn(column, originMs - intervalMs, untilMs);
    return [from, Math.max(from, next)];
  }

  /** Where records of all columns are to be: as asked, or from the first of any to the last. */
  #sharedRange(): Range {
    let [from, next] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const own of this.#symbols.values()) {
      const [first, end] = this.#ownRange(own);
      if (end <= first) continue;
      from = Math.min(from, first);
      next = Math.max(next, end);
    }
    return from < next ? [from, next] : [0, 0];
  }

  #ownRange({ column, seen }: SymbolRecord): Range {
    const [from, next] = this.#ranges[column];
    const first = from >= 0 ? from : seen.first;
    const end = next < Number.POSITIVE_INFINITY ? next : seen.next;
    return first < 0 || end < 0 ? [0, 0] : [first, end];
  }

  *#countMissing(own: SymbolRecord, [from, next]: Range): Generator<void, void, void> {
    const { seen } = own;
    if (seen.first < 0) {
      yield* this.#count(own, [from, next]);
      return;
    }
    yield* this.#count(own, [from, seen.first]);
    let holes = 0;
    for (const hole of seen.holes()) {
      yield* this.#count(own, hole);
      if (++holes % HOLES_PER_STEP === 0) yield;
    }
    yield* this.#count(own, [seen.next, next]);
  }

  *#count(own: SymbolRecord, [from, next]: Range): Generator<void, void, void> {
    if (from >= next) return;
    if (this.#excuses !== undefined) yield* this.#excuses.ofMissing(own.excuses, from, next);
    const { wanted } = this.truth;
    if (wanted === undefined) own.missing.add(from, next);
    else own.missing.add(from, next, yield* this.truth.wanted!(own.column, from, next));
  }

  #decimal(column: number, ticks: number): number {
    return Number(formatPrice(this.truth.timeline.instruments[column], ticks));
  }

  #hint(): string | undefined {
    const wrong = [...this.#symbols.values()].reduce((sum, { wrongCount }) => sum + wrongCount, 0);
    if (this.#otherwiseRight === 0 || 2 * this.#otherwiseRight < wrong) return undefined;
    const [read, meant] = this.#isDecimal ? ['decimal', 'ticks'] : ['ticks', 'decimal'];
    return `prices were read as ${read}; most that are wrong would be right as ${meant}`;
  }
}

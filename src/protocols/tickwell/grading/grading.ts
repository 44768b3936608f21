import { Decider } from '../../../core/faults/decider.ts';
import type { Faults } from '../../../core/faults/profile.ts';
import { CandlesTruth } from '../../../core/grading/candles-truth.ts';
import { Excuses, type LedgerWalk } from '../../../core/grading/excuses.ts';
import type { Grade } from '../../../core/grading/grade.ts';
import { Grader } from '../../../core/grading/grader.ts';
import { RowsTruth } from '../../../core/grading/rows-truth.ts';
import { TradesTruth } from '../../../core/grading/trades-truth.ts';
import type { Graded, Truth, TruthSource } from '../../../core/grading/truth.ts';
import { CANDLE_FIELDS, isField } from '../../../core/market/fields.ts';
import { type Grid, timeOf } from '../../../core/market/grid.ts';
import type { Resolution } from '../../../core/market/resolution.ts';
import { formatTime } from '../../../core/market/time.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { type Layout, layoutOf } from './layout.ts';

/** Draws and strikes of one ledger: some ten minutes of them. One wrong year would be a day. */
const MOST_LEDGER_WORK = 2 ** 34;

/** What is to be graded, and how. */
export interface GradeRequest {
  readonly what: Graded;
  /** Of candles: how they are cut. */
  readonly resolution: Resolution | undefined;
  readonly isHeldWanted: boolean;
  readonly isDecimal: boolean;
  /** Of which there must be records; undefined for those that there are some of. */
  readonly columns: readonly number[] | undefined;
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  /** Under which it was recorded. */
  readonly faults: Faults | undefined;
}

export type GradeSource = Omit<TruthSource, 'columns'> & {
  /** Told of words that are drawn to find out what was done. */
  readonly drawn?: (draws: number) => void;
  /** Told of bytes that are read once more, with what has come. */
  readonly reread?: (bytes: number) => void;
};

/** A recording that is being graded: what it holds is known once its first line is. */
export class Grading {
  readonly what: Graded;
  readonly #request: GradeRequest;
  readonly #source: GradeSource;
  #grader: Grader | undefined;

  constructor(source: GradeSource, request: GradeRequest) {
    this.what = request.what;
    this.#request = request;
    this.#source = source;
  }

  get columnOf(): (symbol: string) => number | undefined {
    const { timeline } = this.#source;
    return (symbol) => timeline.columnOf(symbol);
  }

  /** Notes bytes that are read once more, with what has come. */
  reread(bytes: number): void {
    this.#source.reread?.(bytes);
  }

  /** What cells of these names hold; records can be taken from then on. */
  begin(names: readonly string[]): Layout {
    const { what, columns } = this.#request;
    const { market } = this.#source.timeline;
    const only = columns?.length === 1 ? columns[0] : undefined;
    const layout = layoutOf({ what, market, only }, names);
    const { isDecimal, sinceMs, untilMs } = this.#request;
    const named = columns ?? namedBy(layout);
    const truth = this.#truthOf(layout, named?.length ?? market.instruments.length);
    this.#grader = new Grader({
      ...{ truth, isDecimal, sinceMs, untilMs, excuses: this.#excusesOf(truth) },
      ...(named === undefined ? {} : { columns: named }),
    });
    return layout;
  }

  get grader(): Grader {
    if (this.#grader === undefined) throw new Error('a recording has begun when it is graded');
    return this.#grader;
  }

  /** The grade; yields often. Throws a `TickwellError` where nothing was recorded. */
  *finish(): Generator<void, Grade, void> {
    const { columns, sinceMs, untilMs } = this.#request;
    const isAsked = columns !== undefined && sinceMs !== undefined && untilMs !== undefined;
    // What is asked for by name and by time may be missing altogether.
    if (this.#grader === undefined || (this.#grader.records === 0 && !isAsked)) {
      throw new TickwellError(
        'bad_request',
        'the recording must have a record at least; given: none',
      );
    }
    return yield* this.#grader.finish();
  }

  #excusesOf(truth: Truth): Excuses | undefined {
    const { faults } = this.#request;
    if (faults === undefined) return undefined;
    const { grid, symbols } = truth.timeline;
    const decider = new Decider(faults, grid, symbols);
    return new Excuses(decider, truth, this.#source.drawn, (walk) => checkWalk(walk, grid));
  }

  #truthOf(layout: Layout, columns: number): Truth {
    const { what, resolution, isHeldWanted } = this.#request;
    const source = { ...this.#source, columns };
    if (what === 'rows') return new RowsTruth(source, layout.fields.filter(isField));
    if (what === 'trades') return new TradesTruth(source);
    const graded = new Set(layout.groups.flatMap(({ values }) => values.map(({ field }) => field)));
    const sums = CANDLE_FIELDS.filter((name) => graded.has(layout.fields.indexOf(name)));
    return new CandlesTruth(source, { resolution: resolution!, sums, isHeldWanted });
  }
}

/** The symbols that the cells themselves name. */
function namedBy({ groups }: Layout): readonly number[] | undefined {
  const columns = groups.flatMap(({ column }) => column ?? []);
  return columns.length === groups.length ? columns : undefined;
}

/** Throws a `TickwellError` if nobody would wait for the ledger of a recording. */
function checkWalk({ from, next, work }: LedgerWalk, grid: Grid): void {
  const most = Math.floor(MOST_LEDGER_WORK / (work.draws + work.strikes));
  if (next - from <= most) return;
  const rule = `with these faults a recording must be of at most ${most} rows; until cuts it`;
  const given = `${next - from} rows, the last of ${formatTime(timeOf(grid, next - 1))}`;
  throw new TickwellError('bad_request', `${rule}; given: ${given}`);
}

import type { History } from './history.ts';
import { RollingColumns } from './rolling-columns.ts';
import { RollingSpan } from './rolling-span.ts';
import type { Statistics } from './rolling-state.ts';
import { batchOf, newRoom, type Summed, summed } from './summed-rows.ts';

/** Rows that are kept together where there is room, and at least: a row costs less of many. */
const BATCH_ROWS = 2 ** 10;
const LEAST_BATCH_ROWS = 2 ** 6;
/** Columns that follow one row between two yields: a fraction of a millisecond. */
const COLUMNS_PER_STEP = 512;
const NO_PLACE = -1;

/**
 * What a span of time that ends at the head came to, of many columns: each row that comes or leaves
 * costs some tens of nanoseconds, whatever the span. A column is begun by what all of its rows
 * were added up to, elsewhere or here.
 */
export class RollingStatistics {
  readonly span: RollingSpan;
  /** How many columns there is room for. */
  readonly most: number;
  readonly #history: History;
  /** Made when it is first wanted: there is much of it. */
  #rolling: RollingColumns | undefined;
  /** Of each column. */
  readonly #places: Int32Array;
  readonly #priceAt: (column: number, index: number) => number;
  #used = 0;

  /** As `RollingSpan`; of as many columns as find room in `bytes`. */
  constructor(history: History, spanMs: number, startMs: number, bytes: number) {
    const { market } = history;
    const { length } = market.instruments;
    const spanOf = (rows: number) => new RollingSpan(market.grid, spanMs, startMs, rows);
    const bytesOf = (span: RollingSpan) => RollingColumns.bytes(market, span);
    let rows = BATCH_ROWS;
    let span = spanOf(rows);
    for (; rows > LEAST_BATCH_ROWS && bytesOf(span) * length > bytes; rows -= LEAST_BATCH_ROWS) {
      const smaller = spanOf(rows);
      if (bytesOf(smaller) < bytesOf(span)) span = smaller;
    }
    this.span = span;
    this.most = Math.min(length, Math.floor(bytes / bytesOf(span)));
    this.#history = history;
    this.#places = new Int32Array(length).fill(NO_PLACE);
    this.#priceAt = (column, index) => history.priceAt(column, index);
    history.holdsAhead(this);
  }

  get #columns(): RollingColumns {
    this.#rolling ??= new RollingColumns(this.#history.timeline, this.span, this.most);
    return this.#rolling;
  }

  /** How many columns have been begun. */
  get begun(): number {
    return this.#used;
  }

  has(column: number): boolean {
    return this.#places[column] !== NO_PLACE;
  }

  /** Whether a column has been begun, or would find room. */
  mayHave(column: number): boolean {
    return this.has(column) || this.#used < this.most;
  }

  /** How many rows a column is behind the head; undefined if it is to be begun first. */
  behind(column: number): number | undefined {
    const place = this.#places[column]!;
    if (place === NO_PLACE) return undefined;
    const behind = this.#history.head - this.#columns.nextOf(place);
    return behind > this.span.rows ? undefined : behind;
  }

  /** How many batches of a column, which has been begun, are to be made up to the head. */
  batchesBehind(column: number): number {
    const { market, head } = this.#history;
    const place = this.#places[column]!;
    const next = this.#columns.nextOf(place);
    const batch = (index: number) => batchOf(market, this.span, column, index);
    if (next === head) return 0;
    const { isComing, isLeaving } = this.#columns.made(place);
    const [left, leaves] = [this.span.from(next), this.span.from(head)];
    const coming = batch(head - 1) - batch(next - 1) + (isComing ? 0 : 1);
    return coming + batch(leaves) - batch(left) + (isLeaving || leaves === 0 ? 0 : 1);
  }

  /** Forgets what was made of rows from `index` on, none of which is readable yet. */
  forgetFrom(index: number): void {
    for (let place = 0; place < this.#used; place++) this.#columns.forgetFrom(place, index);
  }

  /** Begins a column with what its rows up to one were added up to, unless it is further. */
  begin(sums: Summed): void {
    const { column, next } = sums;
    if (!this.mayHave(column)) return;
    const known = this.#places[column]!;
    if (known !== NO_PLACE && this.#columns.nextOf(known) >= next) return;
    const place = known === NO_PLACE ? this.#used++ : known;
    this.#places[column] = place;
    this.#columns.begin(place, sums, this.#priceAt);
  }

  /**
   * Has the columns follow the head: those that have been begun, and with `beginsAll` the others
   * too, for which there is room. Yields the rows that were made since it last yielded.
   */
  *follow(columns: readonly number[], beginsAll: boolean): Generator<number, void, void> {
    const history = this.#history;
    for (let areThere = history.head === 0; !areThere; ) {
      const { head } = history;
      for (let n = 0; n < columns.length; n++) {
        const column = columns[n]!;
        if (this.behind(column) === undefined) {
          if (!beginsAll || !this.mayHave(column)) continue;
          yield* this.#begin(column);
        }
        const place = this.#places[column]!;
        while (this.#columns.nextOf(place) < history.head) {
          const made = this.#columns.advance(place, column, history.head, this.#priceAt);
          if (made > 0) yield made;
        }
        if (n % COLUMNS_PER_STEP === COLUMNS_PER_STEP - 1) yield 0;
      }
      // Rows come meanwhile: until all were found there in one go.
      areThere = head === history.head;
    }
  }

  /** What the span of a column came to as of the head; undefined if it does not follow that. */
  read(column: number): Statistics | undefined {
    const place = this.#places[column]!;
    const isThere = place !== NO_PLACE && this.#columns.nextOf(place) === this.#history.head;
    return isThere ? this.#columns.read(place) : undefined;
  }

  *#begin(column: number): Generator<number, void, void> {
    const { timeline, head } = this.#history;
    // Others may add up meanwhile: each in a room of its own.
    this.begin(yield* summed(timeline, this.span, column, head, newRoom(timeline)));
  }
}

import { History } from '../core/history/history.ts';
import { type ReadTrades, readTrades } from '../core/history/read-trades.ts';
import { finish } from '../core/market/finish.ts';
import type { Market } from '../core/market/market.ts';
import type { Timeline } from '../core/timeline/timeline.ts';
import { checkIndex, GROUP_ROWS } from '../protocols/tickwell/formats/parquet.ts';
import { tradesWriter } from '../protocols/tickwell/formats/writers.ts';
import type { Notation } from '../wire/notation.ts';
import { asServed } from './arguments.ts';
import type { FormatName, GenerateOptions } from './commands/generate.ts';
import type { Piece } from './formats.ts';
import { UsageError } from './usage-error.ts';

/**
 * Single trades of any range, as HTTP writes them too, one symbol after the other; a part at a
 * time, so that it takes no more memory however many they are.
 */

/** What is written, and how. */
export interface TradesForm {
  readonly market: Market;
  /** What rows are read by. */
  readonly timeline: Timeline;
  readonly columns: readonly number[];
  readonly format: FormatName;
  readonly notation: Notation;
}

/** Trades that are written at a time: a group of Parquet. */
const PART_TRADES = GROUP_ROWS;
/** Of Parquet: symbol, number, time, price, lots, side. */
const COLUMNS = 6;
/** Steps of reading between two looks at whether to end. */
const STEPS = 2 ** 6;

/** The trades `[from, next)` of a column. */
interface TradedColumn {
  readonly column: number;
  readonly from: number;
  readonly next: number;
}

/** Throws if something is asked for that single trades do not have. */
export function checkTradesOptions(options: GenerateOptions): void {
  const { resolution, tz, offset, fields } = options;
  const noHeld = options.held ? undefined : '--no-held';
  for (const [name, value] of Object.entries({
    resolution,
    tz,
    offset,
    fields,
    'no-held': noHeld,
  })) {
    if (value === undefined) continue;
    const rule = 'cannot stand beside trades, each of which says all there is';
    throw new UsageError([`${name} ${rule}; given: ${value}`]);
  }
}

/** The trades of the rows `[from, next)`: of each column, and how many they are. */
export function tradesOf({ timeline, columns, format }: TradesForm, from: number, next: number) {
  const all = columns.map((column): TradedColumn => {
    const [first, end] = [timeline.tradesBefore(column, from), timeline.tradesBefore(column, next)];
    return { column, from: first, next: end };
  });
  const traded = all.filter((own) => own.next > own.from);
  const total = traded.reduce((sum, own) => sum + own.next - own.from, 0);
  if (format === 'parquet') {
    const groups = traded.reduce(
      (sum, own) => sum + Math.ceil((own.next - own.from) / PART_TRADES),
      0,
    );
    // What is not full takes as much of the index.
    const rows = groups * PART_TRADES;
    asServed(() => checkIndex({ what: 'trades', rows, partRows: PART_TRADES, columns: COLUMNS }));
  }
  return { total, traded };
}

/** The trades of columns that have some, of rows before `next`. */
export async function* tradePieces(
  { market, timeline, columns, format, notation }: TradesForm,
  traded: readonly TradedColumn[],
  next: number,
): AsyncGenerator<Piece> {
  const write = await tradesWriter(format === 'json' ? 'records' : format);
  const history = new History(timeline, 1);
  const id = timeline.idAt(next - 1);
  // Old rows are not kept for who reads at the head.
  finish(history.trades.moveTo(next));
  const none = { column: columns[0]!, from: 0, next: 0 };
  const parts = traded.length === 0 ? [none] : [...partsOf(traded)];
  for (const [n, { column, from, next: end }] of parts.entries()) {
    const steps = readTrades(history, column, from, end);
    let read: ReadTrades | undefined;
    for (let step = 0; read === undefined; step++) {
      const { value, done } = steps.next();
      if (done) read = value;
      else if (step % STEPS === STEPS - 1) yield { bytes: '', rows: 0 };
    }
    const part = { isFirst: n === 0, isLast: n === parts.length - 1 };
    const about = { market, id, column, read, notation, head: undefined, isNamed: true, part };
    for (const bytes of finish(write(about))) yield { bytes, rows: 0 };
    yield { bytes: '', rows: end - from };
  }
}

function* partsOf(traded: readonly TradedColumn[]): Generator<TradedColumn, void, void> {
  for (const { column, from, next } of traded) {
    for (let first = from; first < next; first += PART_TRADES) {
      yield { column, from: first, next: Math.min(next, first + PART_TRADES) };
    }
  }
}

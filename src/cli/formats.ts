import type { CandleRange } from '../core/history/candle-cache.ts';
import { addCandle, newCandles } from '../core/history/candles.ts';
import { type Wanted, wantedOf } from '../core/history/wanted.ts';
import { withoutHeld } from '../core/history/without-held.ts';
import type { Prices } from '../core/market/dtype.ts';
import { newPrices } from '../core/market/dtype.ts';
import { type CandleField, dtypeOfField, newTrades, TradeSums } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import { BLOCK_ROWS, indexFrom } from '../core/market/grid.ts';
import type { Market } from '../core/market/market.ts';
import { Fold } from '../core/market/models/model.ts';
import { eachBlock, eachPiece } from '../core/market/pieces.ts';
import type { Resolution } from '../core/market/resolution.ts';
import type { Timeline } from '../core/timeline/timeline.ts';
import { cuttingSaid } from '../protocols/tickwell/answers.ts';
import { PlacedCandles } from '../protocols/tickwell/formats/candles.ts';
import { GROUP_ROWS } from '../protocols/tickwell/formats/parquet.ts';
import { candlesWriter, rowsWriter } from '../protocols/tickwell/formats/writers.ts';
import type { Notation } from '../wire/notation.ts';
import type { FormatName } from './commands/generate.ts';

/**
 * Rows and candles of any range, as HTTP writes them too; read from the market itself, without a
 * ring. Only `json` is another: a list of records, because rows come after one another here.
 */

/** What is written, and how. */
export interface Form extends Wanted {
  readonly market: Market;
  /** What rows are read by. */
  readonly timeline: Timeline;
  /** Of candles: what is written beside prices. */
  readonly candleFields: readonly CandleField[];
  /** Whether candles of held rows alone are written. */
  readonly isHeldToo: boolean;
  readonly format: FormatName;
  readonly notation: Notation;
}

/** A piece of the output, and how many rows of how many columns went into it. */
export interface Piece {
  readonly bytes: Uint8Array | string;
  readonly rows: number;
}

/** Values read at a time, and of those written at a time: what bounds the memory. */
const MAX_VALUES_READ = 2 ** 22;
const MAX_VALUES_WRITTEN = 2 ** 20;
const LEAST_ROWS_READ = 64;
/** Folded at a time. */
const ROWS_PER_PIECE = 2 ** 22;

/** Rows that are written at a time: a power of two, so that all parts of a block are as long. */
export function partRowsOf({ columns, fields }: Pick<Form, 'columns' | 'fields'>): number {
  const most = Math.min(BLOCK_ROWS, MAX_VALUES_WRITTEN / (columns.length * fields.length));
  return 2 ** Math.floor(Math.log2(Math.max(1, most)));
}

/** The rows `[from, next)`. */
export async function* rowPieces(form: Form, from: number, next: number): AsyncGenerator<Piece> {
  const { market, timeline, columns, fields, format, notation } = form;
  const write = await rowsWriter(format === 'json' ? 'records' : format);
  const id = timeline.idAt(next - 1);
  const whole = { ...wantedOf(fields, columns), from, next, head: undefined, id };
  const partRows = partRowsOf(form);
  for (const { read, from: first, next: end } of readParts(form, from, next)) {
    for (let at = first; at < end; at += partRows) {
      const stop = Math.min(end, at + partRows);
      const range = { ...whole, from: at, next: stop };
      const part = { whole, isFirst: at === from, isLast: stop === next };
      const some = read.map((column) => column.subarray(at - first, stop - first));
      const making = write({ market, range, read: some, notation, part });
      for (const bytes of finish(making)) yield { bytes, rows: 0 };
      yield { bytes: '', rows: (stop - at) * columns.length };
    }
  }
}

/** The values of consecutive rows: one array a column, of one field after the other. */
interface ReadPart {
  readonly read: readonly Prices[];
  readonly from: number;
  readonly next: number;
}

/** The rows `[from, next)`, as many at a time as may be held, and of one block. */
function* readParts(
  { market, timeline, columns, fields, isTraded }: Form,
  from: number,
  next: number,
): Generator<ReadPart, void, void> {
  const { dtype } = market.spec;
  const held = Math.floor(MAX_VALUES_READ / (columns.length * fields.length));
  const partRows = partRowsOf({ columns, fields });
  const parts = Math.max(1, Math.floor(held / partRows));
  const stride = Math.min(BLOCK_ROWS, Math.max(LEAST_ROWS_READ, parts * partRows));
  const block = market.newPrices(BLOCK_ROWS);
  const trades = newTrades(dtype, isTraded ? BLOCK_ROWS : 0);
  const values = fields.flatMap((field) =>
    columns.map(() => newPrices(dtypeOfField(field, dtype), stride)),
  );
  for (const { number, from: start, at: startAt, stop: end } of eachBlock(from, next)) {
    const first = start - startAt;
    for (let at = startAt; at < end; at += stride) {
      const stop = Math.min(end, at + stride);
      for (const [n, column] of columns.entries()) {
        if (fields.includes('last')) timeline.fillBlock(block, column, number);
        if (isTraded) timeline.fillTrades(trades, column, number, at, stop);
        for (const [f, field] of fields.entries()) {
          const out = values[f * columns.length + n]!;
          if (field === 'status') timeline.fillStatus(out, 0, column, first + at, first + stop);
          else out.set((field === 'last' ? block : trades[field]).subarray(at, stop));
        }
      }
      const read = values.map((own) => own.subarray(0, stop - at));
      yield { read, from: first + at, next: first + stop };
    }
  }
}

/** The candles of `range`, one column after the other, each named by its symbol. */
export async function* candlePieces(
  form: Form,
  resolution: Resolution,
  range: CandleRange,
): AsyncGenerator<Piece> {
  const { market, timeline, columns, isHeldToo, format, notation } = form;
  const write = await candlesWriter(format === 'json' ? 'records' : format);
  const among = columns.map((column) => market.instruments[column]!);
  const { startOf } = resolution;
  const id = timeline.idAt(indexFrom(market.grid, range.toMs) - 1);
  const [from, next] = [range.fromMs, range.toMs].map(resolution.numberOf) as [number, number];
  const placed = new PlacedCandles(isHeldToo);
  for (const column of columns) {
    for (let first = from; first < next; first += GROUP_ROWS) {
      const end = Math.min(next, first + GROUP_ROWS);
      const isLast = end === next && column === columns.at(-1);
      const lists = newCandles(form.candleFields);
      const part = { fromMs: startOf(first), toMs: startOf(end) };
      for (const rows of folded(lists, form, column, resolution, part)) {
        yield { bytes: '', rows };
      }
      const shown = isHeldToo ? lists : withoutHeld(lists, form, column, resolution);
      const { next: _, ...candles } = shown;
      const { symbol } = market.instruments[column]!;
      const about = cuttingSaid(resolution);
      const read = { market: id, symbol, ...about, ...candles };
      for (const { answer, part } of placed.add(read, isLast)) {
        const making = write({ market, answer, notation, among, part });
        for (const bytes of finish(making)) yield { bytes, rows: 0 };
      }
    }
  }
}

/** Folds the candles of `range` into `out`; yields the rows that were folded since. */
function* folded(
  out: ReturnType<typeof newCandles>,
  { market, timeline, candleFields }: Form,
  column: number,
  resolution: Resolution,
  range: CandleRange,
): Generator<number, void, void> {
  const fold = new Fold();
  const tradeSums = new TradeSums();
  let rows = 0;
  const first = resolution.numberOf(range.fromMs);
  for (let number = first, start = range.fromMs; start < range.toMs; number++) {
    const endMs = resolution.startOf(number + 1);
    const from = Math.max(0, indexFrom(market.grid, start));
    const next = indexFrom(market.grid, endMs);
    fold.clear();
    tradeSums.clear();
    for (const piece of eachPiece(from, next, ROWS_PER_PIECE)) {
      timeline.fold(fold, column, piece.from, piece.next);
      if (candleFields.length > 0) timeline.foldTrades(tradeSums, column, piece.from, piece.next);
      rows += piece.next - piece.from;
      if (rows < ROWS_PER_PIECE) continue;
      // Whoever wants us to end is heard between them.
      yield rows;
      rows = 0;
    }
    if (fold.rows > 0) addCandle(out, start, fold, tradeSums, next, true);
    start = endMs;
  }
  yield rows;
}

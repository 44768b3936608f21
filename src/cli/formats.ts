import type { CandleRange } from '../core/history/candles.ts';
import { newPrices, type Prices } from '../core/market/dtype.ts';
import {
  areUsual,
  type CandleField,
  dtypeOfField,
  type Field,
  isPrice,
  newTrades,
  Turnover,
} from '../core/market/fields.ts';
import { BLOCK_ROWS, indexFrom, timeOf } from '../core/market/grid.ts';
import { formatPrice, type Instrument } from '../core/market/instrument.ts';
import type { Market } from '../core/market/market.ts';
import { Fold } from '../core/market/models/model.ts';
import type { Resolution } from '../core/market/resolution.ts';

export const FORMATS = ['csv', 'ndjson', 'json'] as const;
export type FormatName = (typeof FORMATS)[number];

/** What is written, and how. */
export interface Form {
  readonly market: Market;
  readonly columns: readonly number[];
  /** Of rows: what is written of each. */
  readonly fields: readonly Field[];
  /** Of candles: what is written beside prices. */
  readonly candleFields: readonly CandleField[];
  readonly format: FormatName;
  /** Prices as whole ticks rather than decimals. */
  readonly isTicks: boolean;
}

/** A piece of the output, and how many rows of how many columns went into it. */
export interface Piece {
  readonly text: string;
  readonly rows: number;
}

/** Prices held at a time: what bounds the memory, whatever the number of rows. */
const MAX_PRICES_HELD = 2 ** 22;
const CANDLES_PER_PIECE = 4096;
/** Folded at a time. */
const ROWS_PER_PIECE = 2 ** 22;

/** The values of a field of a column, and how they are written. */
interface Series {
  readonly name: string;
  /** What stands before its values in ndjson. */
  readonly before: string;
  readonly column: number;
  readonly field: Field;
  readonly values: Prices;
  readonly textOf: (value: number) => string;
}

/** Symbol by symbol for tables, field by field for objects. */
function seriesOf(form: Form, stride: number): Series[] {
  const { market, columns, fields, format } = form;
  const one = (column: number, field: Field, isFirst: boolean, f: number): Series => {
    const instrument = market.instruments[column]!;
    const { symbol } = instrument;
    const set = areUsual(fields) ? 'prices' : field;
    const opening = isFirst ? `${f === 0 ? '' : '}'},"${set}":{` : ',';
    return {
      name: areUsual(fields) ? symbol : `${symbol}.${field}`,
      before: format === 'csv' ? ',' : `${opening}${JSON.stringify(symbol)}:`,
      column,
      field,
      values: newPrices(dtypeOfField(field, market.spec.dtype), stride),
      textOf: isPrice(field) ? priceTexts(form, instrument) : String,
    };
  };
  return format === 'csv'
    ? columns.flatMap((column) => fields.map((field, f) => one(column, field, false, f)))
    : fields.flatMap((field, f) => columns.map((column, n) => one(column, field, n === 0, f)));
}

/** The rows `[from, next)`, a line each: its time and a value for each series. */
export function* rowTexts(form: Form, from: number, next: number): Generator<Piece, void, void> {
  const { market, columns, fields, format } = form;
  const held = Math.floor(MAX_PRICES_HELD / (columns.length * fields.length));
  const stride = Math.min(BLOCK_ROWS, Math.max(64, held));
  const series = seriesOf(form, stride);
  const block = market.newPrices(BLOCK_ROWS);
  const trades = newTrades(market.spec.dtype, areUsual(fields) ? 0 : BLOCK_ROWS);
  const ofColumns = new Map<number, Series[]>(columns.map((column) => [column, []]));
  for (const one of series) ofColumns.get(one.column)!.push(one);
  const writer = new RecordWriter(format, ['time', ...series.map(({ name }) => name)]);

  for (let index = from; index < next; ) {
    const first = Math.floor(index / BLOCK_ROWS) * BLOCK_ROWS;
    const end = Math.min(next, index + stride, first + BLOCK_ROWS);
    const [at, stop] = [index - first, end - first];
    for (const [column, own] of ofColumns) {
      if (fields.includes('last')) market.fillBlock(block, column, first / BLOCK_ROWS);
      if (!areUsual(fields)) market.fillTrades(trades, column, first / BLOCK_ROWS, at, stop);
      for (const { field, values } of own) {
        const made = field === 'last' ? block : trades[field];
        values.set(made.subarray(at, stop));
      }
    }
    for (let row = 0; row < end - index; row++) {
      const time = timeOf(market.grid, index + row);
      let line = format === 'csv' ? `${time}` : `{"time":${time}`;
      for (const { before, values, textOf } of series) line += before + textOf(values[row]!);
      writer.add(format === 'csv' ? line : `${line}}}`);
      // A wide market's rows are long: a piece of them stays well below a megabyte.
      if (writer.length > 2 ** 19) yield { text: writer.take(), rows: 0 };
    }
    yield { text: writer.take(), rows: (end - index) * columns.length };
    index = end;
  }
  yield { text: writer.end(), rows: 0 };
}

/** The candles of `range`, a line each, one column after the other. */
export function* candleTexts(
  form: Form,
  resolution: Resolution,
  range: CandleRange,
): Generator<Piece, void, void> {
  const { market, columns, format, candleFields } = form;
  const { grid } = market;
  const fold = new Fold();
  const turnover = new Turnover();
  const names = ['symbol', 'time', 'open', 'high', 'low', 'close', ...candleFields];
  const writer = new RecordWriter(format, names);

  for (const column of columns) {
    const instrument = market.instruments[column]!;
    const text = priceTexts(form, instrument);
    const name = JSON.stringify(instrument.symbol);
    let rows = 0;
    let candles = 0;
    for (let start = range.fromMs; start < range.toMs; start += resolution.ms) {
      const from = Math.max(0, indexFrom(grid, start));
      const next = indexFrom(grid, start + resolution.ms);
      fold.clear();
      turnover.clear();
      // In pieces: between them whoever wants us to end is heard.
      for (let at = from; at < next; ) {
        const stop = Math.min(next, at + ROWS_PER_PIECE);
        market.fold(fold, column, at, stop);
        if (candleFields.length > 0) market.foldTrades(turnover, column, at, stop);
        if (stop < next) yield { text: '', rows: stop - at };
        else rows += stop - at;
        at = stop;
      }
      const { open, high, low, close } = fold;
      const [o, h, l, c] = [text(open), text(high), text(low), text(close)];
      const sums = candleFields.map((field) =>
        format === 'csv' ? `,${turnover[field]}` : `,"${field}":${turnover[field]}`,
      );
      const prices =
        format === 'csv'
          ? `${instrument.symbol},${start},${o},${h},${l},${c}`
          : `{"symbol":${name},"time":${start},"open":${o},"high":${h},"low":${l},"close":${c}`;
      writer.add(`${prices}${sums.join('')}${format === 'csv' ? '' : '}'}`);
      candles++;
      if (candles % CANDLES_PER_PIECE === 0 || rows > ROWS_PER_PIECE) {
        yield { text: writer.take(), rows };
        rows = 0;
      }
    }
    yield { text: writer.take(), rows };
  }
  yield { text: writer.end(), rows: 0 };
}

/** Ticks as the text of a price; the texts of 16-bit prices are made once. */
function priceTexts(form: Form, instrument: Instrument): (ticks: number) => string {
  if (form.isTicks) return String;
  const { minTicks, maxTicks } = instrument;
  if (maxTicks - minTicks > 0xffff) return (ticks) => formatPrice(instrument, ticks);
  const texts: string[] = [];
  return (ticks) => (texts[ticks - minTicks] ??= formatPrice(instrument, ticks));
}

/** Puts lines together as one of the formats: what stands before, between and after them. */
class RecordWriter {
  readonly #format: FormatName;
  #text: string;
  #isFirst = true;

  constructor(format: FormatName, header: readonly string[]) {
    this.#format = format;
    this.#text = format === 'csv' ? `${header.join(',')}\n` : format === 'json' ? '[' : '';
  }

  get length(): number {
    return this.#text.length;
  }

  add(line: string): void {
    if (this.#format !== 'json') this.#text += `${line}\n`;
    else this.#text += `${this.#isFirst ? '\n' : ',\n'}${line}`;
    this.#isFirst = false;
  }

  /** What was added since it was last taken. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  end(): string {
    return this.take() + (this.#format === 'json' ? '\n]\n' : '');
  }
}

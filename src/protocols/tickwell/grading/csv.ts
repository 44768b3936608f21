import { inQuotes } from '../../../core/market/quoted.ts';
import type { Grading } from './grading.ts';
import type { Layout } from './layout.ts';
import { LineReader } from './lines.ts';
import { ID_RULE, idOf, microsOf, msOf, numberIn, TIME_RULE } from './numbers.ts';
import { cellProblem, lineProblem } from './problem.ts';

const COMMA = 0x2c;
const QUOTE = 0x22;

/** Values that are looked at between two yields: some 0.1 ms. */
const VALUES_PER_STEP = 2 ** 11;
/** What is shown of a cell. */
const MOST_SHOWN = 60;
/** No symbol that there is has a longer name; of one that there is not, the rest is let be. */
const MOST_NAME = 60;

/**
 * Reads a recording as CSV (RFC 4180) from its bytes, as they come; the first line names the cells.
 */
export class CsvReader extends LineReader {
  readonly #grading: Grading;
  #layout: Layout | undefined;
  /** Where the cells of a line begin and end. */
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  #values = 0;
  /** What a line says is of this column and place; -1 if it is not known yet. */
  #column = -1;
  #place = -1;
  /** The field that is a time, of trades. */
  #timeField = -1;
  /** The key and the symbol of the line before: the next one often has the same, or its next. */
  #lastKey: Buffer = Buffer.alloc(0);
  #lastKeyValue = Number.NaN;
  #lastColumn = -1;
  readonly #symbols: (Buffer | undefined)[] = [];
  /** By column, the one that followed it last. */
  readonly #followers: number[] = [];

  constructor(grading: Grading) {
    super();
    this.#grading = grading;
  }

  protected override *takeLines(): Generator<void, void, void> {
    const lines = this.lines;
    while (lines.advance()) {
      const { buffer, from, next } = lines;
      const layout = this.#layout;
      if (layout === undefined) {
        this.#begin(buffer.toString('utf8', from, next));
        continue;
      }
      let bytes = buffer;
      if (!this.#split(buffer, from, next)) {
        bytes = this.#unquoted(buffer.toString('utf8', from, next));
        this.#split(bytes, 0, bytes.length, true);
      }
      const { grader } = this.#grading;
      this.#place = -1;
      let group = this.#takeGroups(bytes, layout, 0);
      for (; group >= 0; group = this.#takeGroups(bytes, layout, group)) {
        yield* grader.truth.make(this.#column, this.#place);
      }
      if (grader.isBehind) yield* grader.settle();
      if (this.#values < VALUES_PER_STEP) continue;
      this.#values = 0;
      yield;
    }
  }

  #begin(text: string): void {
    const header = text.replace(/^\ufeff/, '');
    const names = this.#unquoted(header).toString('utf8').split(',');
    const layout = this.#grading.begin(names.map((name) => name.trim()));
    this.#starts = new Int32Array(layout.cells);
    this.#ends = new Int32Array(layout.cells);
    this.#layout = layout;
    this.#timeField = layout.fields.indexOf('time');
  }

  /** The cells of a line without their quotes, with commas between. */
  #unquoted(text: string): Buffer {
    const cells: string[] = [];
    const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
    for (let isLast = false; !isLast; ) {
      const match = cell.exec(text);
      const [, quoted, plain, mark] = match ?? [];
      const value = quoted?.replaceAll('""', '"') ?? plain;
      if (value === undefined || value.includes(',')) {
        const rule = 'must have quoted cells that end on it, before a comma, with none within';
        throw lineProblem(this.lines.number, rule, text);
      }
      cells.push(value);
      isLast = mark === '';
    }
    return Buffer.from(cells.join(), 'utf8');
  }

  /**
   * Finds the cells of a line; gives false if one is quoted, unless its quotes were taken away.
   * Throws if they are not as many as there are names.
   */
  #split(bytes: Buffer, from: number, next: number, isPlain = false): boolean {
    const starts = this.#starts;
    const ends = this.#ends;
    const cells = starts.length;
    let cell = 0;
    let start = from;

    for (let at = from; at <= next; at++) {
      if (at < next && bytes[at] !== COMMA) {
        if (!isPlain && bytes[at] === QUOTE) return false;
        continue;
      }
      if (cell < cells) {
        starts[cell] = start;
        ends[cell] = at;
      }
      cell += 1;
      start = at + 1;
    }

    if (cell === cells) return true;
    const rule = `must have ${cells} cells, one for each name of the first line`;
    throw lineProblem(this.lines.number, rule, cell);
  }

  /**
   * Takes what a line says of each symbol, from one of the groups on. Gives the group whose truth
   * is to be made before it goes on; -1 if all are taken.
   */
  #takeGroups(bytes: Buffer, layout: Layout, first: number): number {
    const { grader } = this.#grading;
    const { truth } = grader;
    const { groups, symbol } = layout;
    const key = this.#keyIn(bytes, layout);
    // Where a line has a cell for each symbol, an empty one says that there is no record of it.
    const isTable = symbol < 0 && this.#grading.what === 'rows';
    for (let g = first; g < groups.length; g++) {
      const { column: own, values } = groups[g]!;
      if (this.#place < 0) {
        const column = own ?? this.#columnIn(bytes, symbol);
        // A symbol that the market does not have was noted.
        if (column < 0 || (isTable && this.#areEmpty(values))) continue;
        this.#values += 1 + values.length;
        const place = grader.record(column, key);
        if (place < 0) continue;
        this.#column = column;
        this.#place = place;
        if (!truth.has(column, place)) return g;
      }
      this.#takeValues(bytes, values);
      this.#place = -1;
    }
    return -1;
  }

  #takeValues(bytes: Buffer, values: Layout['groups'][number]['values']): void {
    const { grader } = this.#grading;
    const [column, place] = [this.#column, this.#place];
    for (let n = 0; n < values.length; n++) {
      const { cell, field } = values[n]!;
      const from = this.#starts[cell]!;
      const next = this.#ends[cell]!;
      const isTime = field === this.#timeField;
      const value = isTime
        ? microsOf(bytes.toString('latin1', from, next))
        : numberIn(bytes, from, next);
      if (grader.isRight(column, place, field, value)) continue;
      const given = Number.isNaN(value) ? textIn(bytes, from, next) : value;
      grader.wrong(column, place, field, given);
    }
  }

  /** Whether nothing is said of a symbol in a line of several. */
  #areEmpty(values: Layout['groups'][number]['values']): boolean {
    for (const { cell } of values) if (this.#starts[cell] !== this.#ends[cell]) return false;
    return true;
  }

  /** The key of a line. */
  #keyIn(bytes: Buffer, { key }: Layout): number {
    const [from, next] = [this.#starts[key]!, this.#ends[key]!];
    const last = this.#lastKey;
    if (areEqual(last, bytes, from, next)) return this.#lastKeyValue;
    const text = bytes.toString('latin1', from, next).trim();
    const value = this.#keyOf(text);
    this.#lastKey = Buffer.from(bytes.subarray(from, next));
    this.#lastKeyValue = value;
    return value;
  }

  #keyOf(text: string): number {
    const { what } = this.#grading;
    if (what === 'trades') {
      const id = idOf(text);
      if (id !== undefined) return id;
      throw cellProblem(this.lines.number, 'id', ID_RULE, text);
    }
    const ms = msOf(text);
    if (ms !== undefined) return ms;
    throw cellProblem(this.lines.number, 'time', TIME_RULE, text);
  }

  /** The column of the symbol of a line; -1 if there is none, which is noted. */
  #columnIn(bytes: Buffer, cell: number): number {
    const [from, next] = [this.#starts[cell]!, this.#ends[cell]!];
    const guess = this.#followers[this.#lastColumn] ?? -1;
    const name = this.#symbols[guess];
    if (name !== undefined && areEqual(name, bytes, from, next)) {
      this.#lastColumn = guess;
      return guess;
    }
    const symbol = bytes.toString('utf8', from, Math.min(next, from + MOST_NAME));
    const column = this.#grading.columnOf(symbol);
    if (symbol === '') throw cellProblem(this.lines.number, 'symbol', 'must not be empty', '');
    if (column === undefined || next - from > MOST_NAME) {
      this.#grading.grader.unknown(symbol);
      return -1;
    }
    this.#symbols[column] ??= Buffer.from(symbol, 'utf8');
    if (this.#lastColumn >= 0) this.#followers[this.#lastColumn] = column;
    this.#lastColumn = column;
    return column;
  }
}

/** Whether `known` are the bytes `[from, next)`; for so few, the system's way takes longer. */
function areEqual(known: Buffer, bytes: Buffer, from: number, next: number): boolean {
  if (known.length !== next - from) return false;
  for (let n = 0; n < known.length; n++) if (known[n] !== bytes[from + n]) return false;
  return true;
}

/** A cell that is no number, as it was given. */
function textIn(bytes: Buffer, from: number, next: number): string {
  const text = bytes.toString('utf8', from, Math.min(next, from + MOST_SHOWN));
  return text === '' ? '' : inQuotes(text).slice(1, -1);
}

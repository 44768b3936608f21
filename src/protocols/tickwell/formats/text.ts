import type { Making, Pieces } from '../../../host/http/body.ts';
import type { Text } from './notation.ts';

/** What stands around the numbers of a line: before its time, before each further one, last. */
export interface LineShape {
  readonly first: string;
  readonly before: readonly string[];
  readonly last: string;
  /** Between one line and the next, which `last` then does not end. */
  readonly between?: string;
}

/** Where lines stand, of a table that is written in several parts. */
export interface Place {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Text that is turned into bytes at a time: megabytes of it at once would stay in the heap. */
const PIECE_LENGTH = 2 ** 16;
/** What each further text costs beside its length, in characters: making it, and adding it. */
const TEXT_LENGTH = 16;
/** Numbers of one line that are written without a pause: half a millisecond of work. */
const CELLS_PER_STEP = 2 ** 12;

/** Text that grows, as bytes. */
export class TextWriter {
  readonly #pieces: Uint8Array[] = [];
  #text: string;
  #sinceYield = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether a piece's worth of work was done: time to yield. Many short texts are as much. */
  add(text: string): boolean {
    this.#text += text;
    this.#sinceYield += TEXT_LENGTH + text.length;
    if (this.#text.length >= PIECE_LENGTH) {
      this.#pieces.push(Buffer.from(this.#text));
      this.#text = '';
    }
    if (this.#sinceYield < PIECE_LENGTH) return false;
    this.#sinceYield = 0;
    return true;
  }

  end(): Pieces {
    return [...this.#pieces, Buffer.from(this.#text)];
  }
}

/** The numbers of a column, and how each is written; as it is without `text`. */
export interface Cells {
  readonly values: ArrayLike<number>;
  readonly text: Text | undefined;
}

/** What the lines of a table hold: a time, and a number of each column. */
export interface Table {
  readonly rows: number;
  readonly timeOf: (row: number) => number;
  readonly columns: readonly Cells[];
}

/** `header`, a line for each row of `table`, `footer`; `timeText` writes the time of a row. */
export function* lines(
  { first, before, last, between = '' }: LineShape,
  header: string,
  { rows, timeOf, columns }: Table,
  timeText: Text,
  footer = '',
): Making {
  const writer = new TextWriter(header);
  const values = columns.map((column) => column.values);
  const texts = columns.map((column) => column.text);
  for (let row = 0; row < rows; row++) {
    let line = (row === 0 ? '' : between) + first + timeText(timeOf(row));
    for (let n = 0; n < values.length; ) {
      const stop = Math.min(values.length, n + CELLS_PER_STEP);
      for (; n < stop; n++) {
        const value = values[n]![row]!;
        const text = texts[n];
        line += before[n]! + (text === undefined ? value : text(value));
      }
      if (stop < values.length) yield;
    }
    if (writer.add(line + last)) yield;
  }
  writer.add(footer);
  return writer.end();
}

/** Lines of records as a list of them, which is JSON; each part of it has at least one. */
export function* recordList(
  shape: LineShape,
  table: Table,
  timeText: Text,
  { isFirst, isLast }: Place,
): Making {
  const last = shape.last.trimEnd();
  const own = { ...shape, last, between: ',\n' };
  return yield* lines(own, isFirst ? '[\n' : ',\n', table, timeText, isLast ? '\n]\n' : '');
}

/** `1769860801000,21966,21411`. Lines end as every tool but Excel writes them; it reads both. */
export function csvShape(columns: number): LineShape {
  return { first: '', before: Array<string>(columns).fill(','), last: '\n' };
}

/**
 * `{"time":1769860801000,"prices":{"ticker_00":21966}}`, as `tickwell generate` writes it: a set of
 * symbols for each of `names`.
 */
export function* ndjsonRowShape(
  names: readonly string[],
  symbols: readonly string[],
): Generator<void, LineShape, void> {
  const before: string[] = [];
  for (const [f, name] of names.entries()) {
    for (const [n, symbol] of symbols.entries()) {
      const opening = n > 0 ? ',' : `${f === 0 ? '' : '}'},"${name}":{`;
      before.push(`${opening}${JSON.stringify(symbol)}:`);
      if (before.length % CELLS_PER_STEP === 0) yield;
    }
  }
  return { first: '{"time":', before, last: '}}\n' };
}

/** `{"time":1769860800000,"open":21412}`: a field for each of `names`. */
export function ndjsonFieldShape(names: readonly string[]): LineShape {
  return { first: '{"time":', before: names.map((name) => `,"${name}":`), last: '}\n' };
}

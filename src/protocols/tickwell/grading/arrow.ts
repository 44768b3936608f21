import type { Table, Vector } from 'apache-arrow';
import { quoted } from '../../../core/market/quoted.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { Arrow } from '../formats/arrow-library.ts';
import { checkHead } from './arrow-head.ts';
import type { Grading } from './grading.ts';
import type { Layout } from './layout.ts';
import { microsOf, numberOf } from './numbers.ts';
import type { Reader } from './reader.ts';
import { columnGiven, keyGiven, textGiven } from './values.ts';

/** What the file format has before a stream: its mark, padded. */
const FILE_MARK = 'ARROW1';
const FILE_MARK_BYTES = 8;
/** A mark, and the length of what describes a message. Source: Arrow Columnar Format, "IPC". */
const HEAD_BYTES = 8;
const END = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
/** Of one message: a million rows of some columns. */
const MOST_MESSAGE_BYTES = 2 ** 26;
/** Of what each message is read with: names of ten thousand symbols are a tenth of it. */
const MOST_BEFORE_BYTES = 2 ** 22;
/** Values that are looked at between two yields. */
const VALUES_PER_STEP = 2 ** 10;

/** Gives what stands in a row of a column: a number, a text, or undefined for nothing. */
type Cell = (row: number) => unknown;

/** Reads a recording as a stream or a file of Apache Arrow from its bytes, a message at a time. */
export class ArrowReader implements Reader {
  readonly #arrow: Arrow;
  readonly #grading: Grading;
  #rest: Buffer = Buffer.alloc(0);
  /** What has come behind that, and how many bytes there must be for the next message. */
  #chunks: Buffer[] = [];
  #waiting = 0;
  #needed = HEAD_BYTES;
  /** The schema, and dictionaries: what a message of records is read with. */
  #before: Buffer[] = [];
  #beforeBytes = 0;
  #layout: Layout | undefined;
  #isBegun = false;
  #isEnded = false;
  /** Records before the message that is read: they are counted as lines are. */
  #records = 0;
  #values = 0;

  constructor(arrow: Arrow, grading: Grading) {
    this.#arrow = arrow;
    this.#grading = grading;
  }

  *take(bytes: Uint8Array): Generator<void, void, void> {
    // What is behind the end of a file is an index of it.
    if (this.#isEnded) return;
    this.#chunks.push(Buffer.from(bytes));
    this.#waiting += bytes.length;
    // Put together once there is enough: each time would be the square of it.
    if (this.#rest.length + this.#waiting < this.#needed) return;
    this.#rest = Buffer.concat([this.#rest, ...this.#chunks]);
    this.#chunks = [];
    this.#waiting = 0;
    this.#needed = HEAD_BYTES;
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      yield* this.#takeMessage(message);
    }
  }

  end(): Iterable<void> {
    if (this.#isEnded) return [];
    // A stream may end without: then nobody would know that the rest of it is lost.
    throw wrong('must come whole, with the mark of its end', 'a part of it');
  }

  /** Takes the next message off what has come, if it is all there. */
  #next(): Buffer | undefined {
    if (!this.#isBegun) {
      if (this.#rest.length < FILE_MARK_BYTES) return undefined;
      const isFile = this.#rest.toString('latin1', 0, FILE_MARK.length) === FILE_MARK;
      if (isFile) this.#rest = this.#rest.subarray(FILE_MARK_BYTES);
      this.#isBegun = true;
    }
    const rest = this.#rest;
    if (this.#isEnded || rest.length < HEAD_BYTES) return undefined;
    if (rest.readInt32LE(0) !== -1) throw wrong('must have a mark before each message', 'none');
    const headBytes = rest.readInt32LE(4);
    if (headBytes === 0) {
      this.#isEnded = true;
      this.#rest = Buffer.alloc(0);
      return undefined;
    }
    if (headBytes < 0 || headBytes > MOST_MESSAGE_BYTES) throw tooLong(headBytes);
    this.#needed = HEAD_BYTES + headBytes;
    if (rest.length < this.#needed) return undefined;
    const bytes =
      HEAD_BYTES + headBytes + this.#bodyBytes(rest.subarray(0, HEAD_BYTES + headBytes));
    this.#needed = bytes;
    if (rest.length < bytes) return undefined;
    this.#needed = HEAD_BYTES;
    this.#rest = rest.subarray(bytes);
    return rest.subarray(0, bytes);
  }

  /** How long the body of a message is, as its head says. */
  #bodyBytes(head: Buffer): number {
    const { value } = understood(() => {
      checkHead(head);
      return new this.#arrow.MessageReader(head).next();
    });
    const bodyBytes = Number(value?.bodyLength ?? 0);
    if (bodyBytes > MOST_MESSAGE_BYTES) throw tooLong(bodyBytes);
    return bodyBytes;
  }

  *#takeMessage(message: Buffer): Generator<void, void, void> {
    const { value } = understood(() => new this.#arrow.MessageReader(message).next());
    if (this.#layout === undefined && value?.isSchema() !== true) {
      // Some writers of files leave it to what stands at their end.
      throw wrong('must begin with its schema, as a stream does', 'another message');
    }
    if (value?.isRecordBatch() !== true) {
      this.#beforeBytes += message.length;
      if (this.#beforeBytes > MOST_BEFORE_BYTES) {
        const rule = `must have a schema and dictionaries of at most ${MOST_BEFORE_BYTES} bytes`;
        throw wrong(rule, String(this.#beforeBytes));
      }
      this.#before.push(Buffer.from(message));
      if (this.#before.length === 1) this.#begin();
      return;
    }
    this.#grading.reread(this.#beforeBytes);
    const bytes = Buffer.concat([...this.#before, message, END]);
    const table = understood(() => this.#arrow.tableFromIPC(bytes));
    yield* this.#takeRecords(table, this.#layout!);
    this.#records += table.numRows;
  }

  #begin(): void {
    const bytes = Buffer.concat([...this.#before, END]);
    const { schema } = understood(() => this.#arrow.tableFromIPC(bytes));
    this.#layout = this.#grading.begin(schema.fields.map(({ name }) => String(name)));
  }

  *#takeRecords(table: Table, layout: Layout): Generator<void, void, void> {
    const { what, grader } = this.#grading;
    const { truth } = grader;
    const isTable = layout.symbol < 0 && what === 'rows';
    const timeField = layout.fields.indexOf('time');
    const cells = Array.from({ length: layout.cells }, (_, n) => {
      const vector = table.getChildAt(n)!;
      const isOfTrades = what === 'trades' && table.schema.fields[n]!.name === 'time';
      return this.#cellOf(vector, isOfTrades);
    });
    for (let row = 0; row < table.numRows; row++) {
      const record = this.#records + row + 1;
      const key = keyGiven(this.#grading, cells[layout.key]!(row), record);
      for (const { column: own, values } of layout.groups) {
        if (isTable && values.every(({ cell }) => cells[cell]!(row) === undefined)) continue;
        const column = own ?? columnGiven(this.#grading, cells[layout.symbol]!(row), record);
        if (column < 0) continue;
        this.#values += 1 + values.length;
        const place = grader.record(column, key);
        if (place < 0) continue;
        if (!truth.has(column, place)) yield* truth.make(column, place);
        for (const { cell, field } of values) {
          const given = cells[cell]!(row);
          const isText = field === timeField && typeof given === 'string';
          const value = isText ? microsOf(given) : numberOf(given);
          if (grader.isRight(column, place, field, value)) continue;
          grader.wrong(column, place, field, Number.isNaN(value) ? textGiven(given) : value);
        }
      }
      if (grader.isBehind) yield* grader.settle();
      if (this.#values < VALUES_PER_STEP) continue;
      this.#values = 0;
      yield;
    }
  }

  /** How the values of a column are read: times as numbers of their unit are milliseconds. */
  #cellOf(vector: Vector, inMicros: boolean): Cell {
    const { DataType } = this.#arrow;
    const { type } = vector;
    const [data] = vector.data;
    if (data === undefined) return () => undefined;
    const isThere = (row: number) => data.nullCount === 0 || data.getValid(row);
    if (DataType.isTimestamp(type)) {
      const perMs = [0.001, 1, 1000, 1_000_000][type.unit]!;
      const values = data.values as BigInt64Array;
      const scale = inMicros ? perMs / 1000 : perMs;
      return (row) => (isThere(row) ? Number(values[row]!) / scale : undefined);
    }
    return (row) => {
      const value = vector.get(row) as unknown;
      const plain = typeof value === 'bigint' ? Number(value) : (value ?? undefined);
      return inMicros && typeof plain === 'number' ? plain * 1000 : plain;
    };
  }
}

/** What Arrow makes of bytes, which it may not understand. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TickwellError) throw error;
    throw wrong('must be one of Apache Arrow', (error as Error).message);
  }
}

function tooLong(bytes: number): TickwellError {
  return wrong(`must have messages of at most ${MOST_MESSAGE_BYTES} bytes`, String(bytes));
}

function wrong(rule: string, given: string): TickwellError {
  return new TickwellError('bad_request', `the recording ${rule}; given: ${quoted(given)}`);
}

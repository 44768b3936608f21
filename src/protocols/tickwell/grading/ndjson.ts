import { unknownName } from '../../../core/market/unknown.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { Grading } from './grading.ts';
import { fieldNamed, keyName, knownFields, type Layout } from './layout.ts';
import { LineReader } from './lines.ts';
import { microsOf, numberOf } from './numbers.ts';
import { cellProblem, lineProblem } from './problem.ts';
import { columnGiven, keyGiven, textGiven } from './values.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Values that are looked at between two yields, of which a line of JSON costs more: 0.5 ms. */
const VALUES_PER_STEP = 2 ** 9;

/**
 * Reads a recording as lines of JSON from its bytes, as they come. Each is an object: a record with
 * its symbol, or of rows, as they are written by `/v1/rows`, an object of symbols for each field.
 * The first line says which fields there are.
 */
export class NdjsonReader extends LineReader {
  readonly #grading: Grading;
  #layout: Layout | undefined;
  /** By what a line calls it, the place of a field in what is graded. */
  readonly #fields = new Map<string, number>();
  #isTable = false;
  #values = 0;

  constructor(grading: Grading) {
    super();
    this.#grading = grading;
  }

  protected override *takeLines(): Generator<void, void, void> {
    const lines = this.lines;
    while (lines.advance()) {
      const record = this.#parsed(lines.buffer.toString('utf8', lines.from, lines.next));
      if (this.#layout === undefined) this.#begin(record);
      this.#check(record);
      if (this.#isTable) yield* this.#takeTable(record);
      else yield* this.#takeRecord(record);
      const { grader } = this.#grading;
      if (grader.isBehind) yield* grader.settle();
      if (this.#values < VALUES_PER_STEP) continue;
      this.#values = 0;
      yield;
    }
  }

  #parsed(text: string): Fields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw lineProblem(this.lines.number, 'must be JSON', text);
    }
    if (isObject(value)) return value;
    throw lineProblem(this.lines.number, 'must be an object of JSON', value);
  }

  /** Learns from the first line what all of them say. */
  #begin(record: Fields): void {
    const { what } = this.#grading;
    const key = keyName(what);
    const named = Object.keys(record).filter((name) => !name.startsWith('_'));
    const fields = named.filter((name) => fieldNamed(what, name) !== undefined && name !== key);
    this.#isTable = what === 'rows' && fields.some((name) => isObject(record[name]));
    const isNamed = this.#isTable || named.includes('symbol');
    // What else is named is refused as a column would be.
    const names = this.#isTable ? [key, ...fields] : named.filter((name) => name !== 'symbol');
    const layout = this.#grading.begin(isNamed ? ['symbol', ...names] : names);
    this.#layout = layout;
    for (const name of fields) {
      this.#fields.set(name, layout.fields.indexOf(fieldNamed(what, name)!));
    }
  }

  /** Throws on what the first line does not say. */
  #check(record: Fields): void {
    const { what } = this.#grading;
    const key = keyName(what);
    for (const name in record) {
      if (this.#fields.has(name) || name === key || name.startsWith('_')) continue;
      if (name === 'symbol' && !this.#isTable && this.#layout!.symbol >= 0) continue;
      const known = [key, ...(this.#isTable ? [] : ['symbol']), ...this.#fields.keys()];
      const isKnown = name === 'symbol' || knownFields(what).includes(name);
      if (isKnown) {
        const rule = 'must name what the first line does';
        throw lineProblem(this.lines.number, rule, name);
      }
      const line = `line ${this.lines.number}: `;
      const sentence = unknownName({ kind: 'field', name, known });
      throw new TickwellError('bad_request', line + sentence, { line: this.lines.number });
    }
  }

  *#takeRecord(record: Fields): Generator<void, void, void> {
    const column = this.#layout!.groups[0]!.column ?? this.#columnOf(record.symbol);
    const key = this.#keyOf(record);
    if (column < 0) return;
    yield* this.#takeOne(column, key, (name) => record[name]);
  }

  /** Of rows: what a line says of each symbol. */
  *#takeTable(record: Fields): Generator<void, void, void> {
    const key = this.#keyOf(record);
    const symbols = new Set<string>();
    for (const name of this.#fields.keys()) {
      const values = record[name];
      if (!isObject(values)) {
        throw cellProblem(this.lines.number, name, 'must be an object of symbols', values);
      }
      for (const symbol in values) symbols.add(symbol);
    }
    for (const symbol of symbols) {
      const column = this.#columnOf(symbol);
      if (column < 0) continue;
      yield* this.#takeOne(column, key, (name) => (record[name] as Fields)[symbol]);
    }
  }

  *#takeOne(
    column: number,
    key: number,
    given: (name: string) => unknown,
  ): Generator<void, void, void> {
    const { grader } = this.#grading;
    const { truth } = grader;
    const place = grader.record(column, key);
    this.#values += 1;
    if (place < 0) return;
    if (!truth.has(column, place)) yield* truth.make(column, place);
    for (const [name, field] of this.#fields) {
      this.#values += 1;
      const said = given(name);
      const value = name === 'time' ? microsOf(String(said)) : numberOf(said);
      if (grader.isRight(column, place, field, value)) continue;
      grader.wrong(column, place, field, Number.isNaN(value) ? textGiven(said) : value);
    }
  }

  #keyOf(record: Fields): number {
    const given = record[keyName(this.#grading.what)];
    return keyGiven(this.#grading, given, this.lines.number);
  }

  #columnOf(symbol: unknown): number {
    return columnGiven(this.#grading, symbol, this.lines.number);
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { TRADE_FIELDS } from '../../../core/grading/trades-truth.ts';
import type { Graded } from '../../../core/grading/truth.ts';
import { CANDLE_PRICES } from '../../../core/market/candle-lists.ts';
import { CANDLE_FIELDS, FIELDS, isField } from '../../../core/market/fields.ts';
import type { Market } from '../../../core/market/market.ts';
import { quoted } from '../../../core/market/quoted.ts';
import { unknownName } from '../../../core/market/unknown.ts';
import { TickwellError } from '../../../wire/errors.ts';

/** A value of a record: in which cell it stands, and which of the fields that are graded it is. */
export interface ValueCell {
  readonly cell: number;
  readonly field: number;
}

/** Values of one symbol that stand side by side. */
export interface Group {
  /** Undefined if the record says whose they are. */
  readonly column: number | undefined;
  readonly values: readonly ValueCell[];
}

/** What the cells of each record hold. */
export interface Layout {
  readonly cells: number;
  /** Where it is said which row, candle or trade it is. */
  readonly key: number;
  /** Where the symbol is said; -1 if it is not. */
  readonly symbol: number;
  /** What is graded, by name. */
  readonly fields: readonly string[];
  readonly groups: readonly Group[];
}

/** What a recording is of. */
export interface Recorded {
  readonly what: Graded;
  readonly market: Market;
  /** The symbol of records that say none. */
  readonly only: number | undefined;
}

const KNOWN: Readonly<Record<Graded, readonly string[]>> = {
  rows: FIELDS,
  candles: [...CANDLE_PRICES, ...CANDLE_FIELDS],
  trades: TRADE_FIELDS,
};
/** What else a field may be called. */
const CALLED: Readonly<Record<string, string>> = { price: 'last', prices: 'last' };

const ONCE = 'a field must be there once';

/** What the key of a record is called. */
export function keyName(what: Graded): string {
  return what === 'trades' ? 'id' : 'time';
}

/** The field that a name means; undefined if it is none of them. */
export function fieldNamed(what: Graded, name: string): string | undefined {
  const field = what === 'rows' ? (CALLED[name] ?? name) : name;
  return KNOWN[what].includes(field) ? field : undefined;
}

/** The fields that can be graded. */
export function knownFields(what: Graded): readonly string[] {
  return KNOWN[what];
}

/** The fields that a truth has of what is graded; of rows those that are named, in their order. */
function gradedFields(what: Graded, named: readonly string[]): readonly string[] {
  return what === 'rows' ? [...new Set(named)] : KNOWN[what];
}

/**
 * What the cells hold that have these names: a key, a symbol and fields; or of rows a key and a
 * column for each symbol, or symbol and field. Names that begin with _ are let be. Throws a
 * `TickwellError` on what is wrong with the rest.
 */
export function layoutOf(recorded: Recorded, names: readonly string[]): Layout {
  checkOnce(names);
  const { what } = recorded;
  const key = names.indexOf(keyName(what));
  if (key < 0) {
    throw problem(`the first line must name ${keyName(what)}, as of each of the ${what}`, names);
  }
  const symbol = names.indexOf('symbol');
  const others = names.flatMap((name, cell) => {
    return cell === key || cell === symbol || name.startsWith('_') ? [] : [{ name, cell }];
  });
  const isWide = what === 'rows' && symbol < 0 && !others.every(({ name }) => isOwn(what, name));
  const found = isWide
    ? wideGroups(recorded, others)
    : longGroup(recorded, others, symbol < 0, names);
  const fields = gradedFields(
    what,
    found.flatMap(({ values }) => values.map(({ name }) => name)),
  );
  const groups = found.map(({ column, values }) => ({
    column,
    values: values.map(({ cell, name }) => ({ cell, field: fields.indexOf(name) })),
  }));
  return { cells: names.length, key, symbol, fields, groups };
}

function isOwn(what: Graded, name: string): boolean {
  return fieldNamed(what, name) !== undefined;
}

interface Named {
  readonly name: string;
  readonly cell: number;
}

interface NamedGroup {
  readonly column: number | undefined;
  readonly values: readonly Named[];
}

function longGroup(
  { what, only }: Recorded,
  others: readonly Named[],
  isOfOne: boolean,
  names: readonly string[],
): readonly NamedGroup[] {
  const values = others.map(({ name, cell }) => {
    const field = fieldNamed(what, name);
    if (field !== undefined) return { name: field, cell };
    const known = ['symbol', ...KNOWN[what]];
    throw new TickwellError('bad_request', unknownName({ kind: 'column', name, known, of: what }));
  });
  if (values.length === 0) {
    const some = KNOWN[what].join(', ');
    throw problem(`the first line must name some of ${some}, which are graded`, names);
  }
  const twice = values.find(({ name }, n) => values.findIndex((one) => one.name === name) !== n);
  if (twice !== undefined) throw problem(ONCE, [twice.name]);
  if (isOfOne && only === undefined) {
    throw problem('the first line must name symbol, unless symbols names just one', names);
  }
  return [{ column: isOfOne ? only : undefined, values }];
}

function wideGroups({ market }: Recorded, others: readonly Named[]): readonly NamedGroup[] {
  const byColumn = new Map<number, Named[]>();
  for (const { name, cell } of others) {
    const { column, field } = seriesNamed(market, name);
    const values = byColumn.get(column) ?? [];
    if (values.some((value) => value.name === field)) throw problem(ONCE, [name]);
    values.push({ name: field, cell });
    byColumn.set(column, values);
  }
  return [...byColumn].map(([column, values]) => ({ column, values }));
}

/** The column and the field that a name such as `ticker_07` or `ticker_07.bid` means. */
function seriesNamed(market: Market, name: string): { column: number; field: string } {
  const whole = market.columnOf(name);
  if (whole !== undefined) return { column: whole, field: 'last' };
  const dot = name.lastIndexOf('.');
  const [symbol, field] = dot < 0 ? [name, 'last'] : [name.slice(0, dot), name.slice(dot + 1)];
  const column = market.columnOf(symbol);
  if (column !== undefined && isField(field)) return { column, field };
  const asked =
    column === undefined
      ? { kind: 'column', name, known: market.symbols, see: 'it is no symbol of this market' }
      : { kind: 'field', name: field, known: FIELDS, of: symbol };
  throw new TickwellError(
    column === undefined ? 'unknown_symbol' : 'bad_request',
    unknownName(asked),
  );
}

function checkOnce(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw problem('columns must have names of their own', [name]);
    seen.add(name);
  }
}

function problem(rule: string, given: readonly string[]): TickwellError {
  const told = given.length === 0 ? 'no name' : quoted(given.join());
  return new TickwellError('bad_request', `${rule}; given: ${told}`);
}

import { checkWork } from '../../../host/budgets/bounds.ts';
import type { Pay } from '../../../host/budgets/work.ts';
import type { Item } from '../items.ts';
import type { AlpacaSymbols } from '../symbols.ts';
import { firstOf, isEmpty, type Listed, type Places, type Portion, restOf } from './items.ts';
import { type PageStart, tokenOf } from './parameters.ts';

/** Items of one column of a page. */
export interface ItemsOf {
  readonly column: number;
  readonly items: readonly Item[];
}

export interface PageOptions {
  readonly listed: Listed;
  readonly symbols: AlpacaSymbols;
  /** In the order of their names: a page goes through one after the other. */
  readonly columns: readonly number[];
  readonly start: PageStart | undefined;
  readonly limit: number;
  readonly isDown: boolean;
  /** The most rows that a page of several items is folded of. */
  readonly mostRows: number;
  /** What one request may cost. */
  readonly workBurst: number;
  readonly pay: Pay;
}

/**
 * Of what an address may have computed at once, a page of several items takes so large a part: it
 * is there within seconds, and others are asked for too.
 */
const PAGE_SHARE = 1 / 4;

/** What a page may still take. */
interface Left {
  items: number;
  rows: number;
  cost: number;
}

interface Planned {
  readonly column: number;
  readonly places: Places;
  readonly portion: Portion;
}

/**
 * A page of items of several columns: `limit` of all of them together, fewer if these would be of
 * too many rows or too much work. It is planned first, so that it is paid before anything is read.
 *
 *     column    A ─────────────┬─ B ────┬─ C ──────
 *     page        │ portion    │ portion│ ← the token names C, or what is left of B
 */
export class Page {
  /** Of all that is to be read. */
  readonly cost: number;
  readonly #options: PageOptions;
  readonly #planned: readonly Planned[];
  /** Where it ends, which tells it from others that begin alike. */
  readonly end: string;
  /** The columns that it does not come to. */
  readonly #behind: readonly number[];

  private constructor(
    options: PageOptions,
    planned: readonly Planned[],
    behind: readonly number[],
  ) {
    this.#options = options;
    this.#planned = planned;
    this.#behind = behind;
    this.cost = planned.reduce((sum, { portion }) => sum + portion.cost, 0);
    const { portion } = planned.at(-1) ?? {};
    this.end = `${planned.length} ${portion?.from} ${portion?.next}`;
  }

  /** Plans a page: yields after each column, as the clock of its trades is looked at. */
  static *plan(options: PageOptions): Generator<void, Page, void> {
    const { listed, columns, start, symbols, limit, pay } = options;
    const isHere = (column: number) => start === undefined || symbols.nameOf(column) >= start.name;
    const wanted = columns.filter(isHere);
    pay(wanted.length * listed.lookCost);
    const planned: Planned[] = [];
    const { mostRows: rows, workBurst } = options;
    const left: Left = { items: limit, rows, cost: workBurst * PAGE_SHARE };
    let n = 0;
    for (; n < wanted.length && left.items > 0; n++) {
      const column = wanted[n]!;
      const places = placesOf(options, column);
      yield;
      if (isEmpty(places)) continue;
      const portion = yield* portionOf(options, column, places, left, planned.length === 0);
      if (portion === undefined) break;
      planned.push({ column, places, portion });
      const read = portion.next - portion.from;
      left.rows -= read * listed.rowsEach;
      left.cost -= portion.cost;
      left.items -= Math.min(left.items, read);
      // What is left of it is of the next page.
      if (read < places.next - places.from) left.items = 0;
    }
    return new Page(options, planned, wanted.slice(n));
  }

  /** Reads it; gives its items, and the token of what is behind it, if there is anything. */
  *read(): Generator<
    unknown,
    { readonly of: readonly ItemsOf[]; readonly next: string | null },
    void
  > {
    const { listed, isDown } = this.#options;
    const of: ItemsOf[] = [];
    for (const { column, places, portion } of this.#planned) {
      const { items, read } = yield* listed.read(column, portion);
      if (items.length > 0) of.push({ column, items });
      const rest = listed.trimmed(column, restOf(places, read, isDown));
      if (!isEmpty(rest)) return { of, next: this.#tokenOf(column, rest) };
      yield;
    }
    for (const column of this.#behind) {
      const places = listed.placesOf(column);
      if (!isEmpty(places)) return { of, next: this.#tokenOf(column, places) };
      yield;
    }
    return { of, next: null };
  }

  #tokenOf(column: number, { from, next }: Places): string {
    const { symbols, isDown } = this.#options;
    return tokenOf({ name: symbols.nameOf(column), place: isDown ? next : from });
  }
}

/** What is wanted of a column, from where the page begins. */
function placesOf({ listed, symbols, start, isDown }: PageOptions, column: number): Places {
  const places = listed.placesOf(column);
  if (start === undefined || symbols.nameOf(column) !== start.name) return places;
  const { place } = start;
  const narrowed = isDown
    ? { from: places.from, next: Math.min(places.next, place) }
    : { from: Math.max(places.from, place), next: places.next };
  return listed.trimmed(column, narrowed);
}

/**
 * What a page takes of places that are not empty; undefined if it takes no more. One place at least
 * is on a page: throws a `TickwellError` if even that costs more than can be paid.
 */
function* portionOf(
  { listed, isDown, workBurst }: PageOptions,
  column: number,
  places: Places,
  left: Readonly<Left>,
  isFirst: boolean,
): Generator<void, Portion | undefined, void> {
  const fitting = listed.rowsEach === 0 ? left.items : Math.floor(left.rows / listed.rowsEach);
  if (fitting < 1 && !isFirst) return undefined;
  const most = left.items;
  let size = Math.min(Math.max(1, fitting), listed.sizeOf(column, places, most));
  for (;;) {
    // Finding rows of trades takes long, each time.
    yield;
    const { from, next } = firstOf(places, size, isDown);
    const cost = listed.costOf(column, { from, next });
    if (cost <= left.cost) return { from, next, most, cost };
    size = next - from;
    if (size === 1 && !isFirst) return undefined;
    if (size === 1) {
      checkWork(listed.name === 'bars' ? 'timeframe' : `one of ${listed.name}`, cost, {
        workBurst: workBurst * LONE_SHARE,
      });
      return { from, next, most, cost };
    }
    size = Math.max(1, Math.floor(size * Math.min(1 / 2, Math.max(0, left.cost) / cost)));
  }
}

/** One item takes nearly all that can be paid at once: what was looked for is paid already. */
const LONE_SHARE = 7 / 8;

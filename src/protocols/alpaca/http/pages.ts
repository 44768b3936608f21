import type { Pay } from '../../../host/budgets/work.ts';
import type { Item } from '../items.ts';
import type { AlpacaSymbols } from '../symbols.ts';
import { isEmpty, type Listed, type Places, type Portion, restOf } from './items.ts';
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
  readonly pay: Pay;
}

interface Planned {
  readonly column: number;
  readonly places: Places;
  readonly portion: Portion;
}

/**
 * A page of items of several columns: `limit` of all of them together. It is planned first, so that
 * it is paid before anything is read.
 *
 *     column    A ─────────────┬─ B ────┬─ C ──────
 *     page        │ portion    │ portion│ ← the token names C, or what is left of B
 */
export class Page {
  /** Of all that is to be read. */
  readonly cost: number;
  readonly #options: PageOptions;
  readonly #planned: readonly Planned[];
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
  }

  /** Plans a page: yields after each column, as the clock of its trades is looked at. */
  static *plan(options: PageOptions): Generator<void, Page, void> {
    const { listed, columns, start, symbols, limit, pay } = options;
    const isHere = (column: number) => start === undefined || symbols.nameOf(column) >= start.name;
    const wanted = columns.filter(isHere);
    pay(wanted.length * listed.lookCost);
    const planned: Planned[] = [];
    let [left, n] = [limit, 0];
    for (; n < wanted.length && left > 0; n++) {
      const column = wanted[n]!;
      const places = placesOf(options, column);
      yield;
      if (isEmpty(places)) continue;
      const portion = listed.portionOf(column, places, left);
      if (portion === undefined) break;
      planned.push({ column, places, portion });
      const read = portion.next - portion.from;
      left -= Math.min(left, read);
      // What is left of it is of the next page.
      if (read < places.next - places.from) left = 0;
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

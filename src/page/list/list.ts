import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { chooseInstrument } from '../actions.ts';
import type { Model } from '../model.ts';
import { type Sort, sortedColumns } from './order.ts';
import type { Rows } from './rows.ts';
import { InstrumentSearch } from './search.ts';

/** Where the list and the chart do not fit beside one another. */
const PHONE = '(max-width: 760px)';

/** What the list of instruments shows, in which order, and which of them the keys have reached. */
export class InstrumentList {
  readonly query = signal('');
  readonly sort = signal<Sort>({ key: 'symbol', descending: false });
  /** Goes up when prices should decide the order anew. */
  readonly resorts = signal(0);
  /** All columns that the list has, first to last. */
  readonly found: ReadonlySignal<readonly number[]>;
  /** The columns that have a row in the document. */
  readonly shown = signal<readonly number[]>([]);
  /** The column that keys have reached; -1 while there is none. */
  readonly highlighted = signal(-1);
  /** What gets the focus when the list opens on a phone; its close button if this is null. */
  focusNext: HTMLElement | null = null;
  /** Set once there is an element for them. */
  rows: Rows | undefined;
  readonly #model: Model;
  readonly #isPhone = signal(false);

  constructor(model: Model) {
    this.#model = model;
    const { instruments } = model.market;
    const search = new InstrumentSearch(instruments);
    const order = computed(() => {
      this.resorts.value;
      return sortedColumns(instruments, model.prices, this.sort.value);
    });
    this.found = computed(() => search.find(this.query.value, order.value));
    const phone = matchMedia(PHONE);
    this.#isPhone.value = phone.matches;
    // Turned sideways, a phone may be wide enough for both.
    phone.addEventListener('change', () => {
      this.#isPhone.value = phone.matches;
      model.isListOpen.value = false;
    });
  }

  /** Whether the chart covers the list: on a phone, while the list is not open. */
  get isCovered(): boolean {
    return this.#isPhone.value && !this.#model.isListOpen.value;
  }

  /** Look for instruments whose symbols or names have `text`. */
  search(text: string): void {
    if (text === this.query.peek()) return;
    this.query.value = text;
    this.highlight(0);
    // All of them are no answer.
    if (text.trim() === '') this.highlighted.value = -1;
  }

  /** Have the keys reach the instrument at `place`, or the nearest that there is. */
  highlight(place: number): void {
    const at = this.#nearest(place);
    this.highlighted.value = this.found.peek()[at] ?? -1;
    this.rows?.reveal(at);
  }

  /** Show the instrument at `place` in the chart. */
  choose(place: number): void {
    const column = this.found.peek()[place];
    if (column === undefined) return;
    chooseInstrument(this.#model, column);
    this.#model.isListOpen.value = false;
  }

  /** Show the instrument that is so many places below the chosen one. */
  step(places: number, isOneOfMany: boolean): void {
    const columns = this.found.peek();
    const at = this.#nearest(columns.indexOf(this.#model.column.peek()) + places);
    const column = columns[at];
    if (column === undefined) return;
    chooseInstrument(this.#model, column, isOneOfMany);
    this.rows?.reveal(at);
  }

  #nearest(place: number): number {
    return Math.max(0, Math.min(this.found.peek().length - 1, place));
  }
}

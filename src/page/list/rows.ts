import type { InstrumentInfo } from '../../client/index.ts';
import type { Prices } from '../prices.ts';
import { Row } from './row.ts';

/** Rows kept beyond those in view, so that a fast scroll does not show a blank edge. */
const SPARE_ROWS = 8;
/** The style sheet has room for so many letters of a price; more of them take more. */
const FIRST_LETTERS = 9;
const MOST_LETTERS = 14;
const LETTER_PX = 8;

/**
 * A list of any length in a few rows: only those in view exist, and are used again.
 *
 * Imperative on purpose: a virtual document for every price of 10,000 instruments, every second,
 * would cost more than everything else on this page together.
 */
export class Rows {
  readonly #scroller: HTMLElement;
  /** As high as all rows together. */
  readonly #canvas = document.createElement('div');
  readonly #instruments: readonly InstrumentInfo[];
  readonly #prices: Prices;
  readonly #onShown: (columns: readonly number[]) => void;
  #pool: Row[] = [];
  #columns: readonly number[] = [];
  #rowHeight = 0;
  #lastLetters = FIRST_LETTERS;
  #selected = -1;
  #highlighted = -1;

  /** `onShown` is told which columns have rows now, whenever they may have changed. */
  constructor(
    scroller: HTMLElement,
    instruments: readonly InstrumentInfo[],
    prices: Prices,
    onShown: (columns: readonly number[]) => void,
  ) {
    this.#scroller = scroller;
    this.#instruments = instruments;
    this.#prices = prices;
    this.#onShown = onShown;
    this.#canvas.className = 'rows-canvas';
    this.#canvas.setAttribute('role', 'presentation');
    scroller.append(this.#canvas);
    scroller.addEventListener('scroll', () => this.#arrange(), { passive: true });
  }

  /** Show these columns, in this order. */
  show(columns: readonly number[]): void {
    this.#columns = columns;
    this.measure();
  }

  /** Fit the pool to the height of the list; call when either has changed. */
  measure(): void {
    const rowHeight = Number.parseFloat(getComputedStyle(this.#canvas).getPropertyValue('--row'));
    this.#rowHeight = rowHeight > 0 ? rowHeight : 36;
    const inView = Math.ceil(this.#scroller.clientHeight / this.#rowHeight);
    const wanted = Math.min(this.#columns.length, inView + SPARE_ROWS);
    while (this.#pool.length < wanted) {
      const row = new Row();
      this.#pool.push(row);
      this.#canvas.append(row.element);
    }
    for (const row of this.#pool.splice(wanted)) row.element.remove();
    this.#canvas.style.height = `${this.#columns.length * this.#rowHeight}px`;
    this.#arrange();
  }

  mark(selected: number, highlighted: number): void {
    this.#selected = selected;
    this.#highlighted = highlighted;
    for (const row of this.#pool) this.#markRow(row);
  }

  /** Show new prices on the rows that exist. */
  paint(): void {
    for (const row of this.#pool) row.paint(this.#prices, this.#instruments[row.column]!);
    this.#fit();
  }

  /** Scroll just as far as it takes to see the row at `place`. */
  reveal(place: number): void {
    const top = place * this.#rowHeight;
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (top + this.#rowHeight > scrollTop + clientHeight) {
      this.#scroller.scrollTop = top + this.#rowHeight - clientHeight;
    }
    this.#arrange();
  }

  /** Row `place` always uses element `place % pool`: scrolling by one row moves one element. */
  #arrange(): void {
    const size = this.#pool.length;
    const count = this.#columns.length;
    const firstInView = Math.floor(this.#scroller.scrollTop / this.#rowHeight) - SPARE_ROWS / 2;
    const first = Math.max(0, Math.min(firstInView, count - size));
    for (let place = first; place < first + size; place++) {
      const row = this.#pool[place % size]!;
      const column = this.#columns[place]!;
      const instrument = this.#instruments[column]!;
      row.place(column, instrument, place, count);
      row.element.style.transform = `translateY(${place * this.#rowHeight}px)`;
      row.paint(this.#prices, instrument);
      this.#markRow(row);
    }
    this.#fit();
    this.#onShown(this.#pool.map(({ column }) => column));
  }

  /** As wide as the longest price so far, in all rows and their header: it only ever grows. */
  #fit(): void {
    let letters = this.#lastLetters;
    for (const row of this.#pool) letters = Math.max(letters, row.lastLetters);
    letters = Math.min(letters, MOST_LETTERS);
    if (letters === this.#lastLetters) return;
    this.#lastLetters = letters;
    const list = this.#scroller.parentElement!;
    list.style.setProperty('--last', `${Math.round(letters * LETTER_PX) + 6}px`);
  }

  #markRow({ element, column }: Row): void {
    element.setAttribute('aria-selected', String(column === this.#selected));
    element.classList.toggle('is-highlighted', column === this.#highlighted);
  }
}

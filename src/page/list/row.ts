import type { InstrumentInfo } from '../../client/index.ts';
import { commonPrefix, directionOf, formatChange, formatPrice, percentChange } from '../price.ts';
import type { Prices } from '../prices.ts';
import { sparkPath } from './sparkline.ts';

const SPARK_WIDTH = 60;
const SPARK_HEIGHT = 20;
/** How long a move is shown in its colour. */
const FLASH_MS = 500;
const SVG = 'http://www.w3.org/2000/svg';

function part(className: string, parent: Element): HTMLElement {
  const element = document.createElement('span');
  element.className = className;
  parent.append(element);
  return element;
}

/** What `status` says of an instrument that stands still. */
const STILL = ['', 'halted', 'closed'];

/** The id of the element that stands for a column. */
export const rowId = (column: number): string => `instrument-${column}`;

/**
 * One row of the list, made once and shown for many instruments. It keeps what it has drawn and
 * touches the document only where that has changed.
 */
export class Row {
  readonly element = document.createElement('div');
  readonly #symbol = part('row-symbol', this.element);
  readonly #name = part('row-name', this.element);
  readonly #spark = document.createElementNS(SVG, 'svg');
  readonly #line = document.createElementNS(SVG, 'path');
  readonly #end = document.createElementNS(SVG, 'circle');
  readonly #last = part('row-last', this.element);
  readonly #steady = document.createTextNode('');
  readonly #digits = part('row-digits', this.#last);
  readonly #change = part('row-change', this.element);

  column = -1;
  #lastTicks = Number.NaN;
  #baseTicks = Number.NaN;
  #lastText = '';
  #lineVersion = -1;
  #isCurrent = true;
  #isKnown = true;
  #status = 0;
  #flashTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element.className = 'row';
    this.element.setAttribute('role', 'option');
    this.#last.prepend(this.#steady);
    this.#spark.setAttribute('class', 'row-spark');
    this.#spark.setAttribute('viewBox', `-2 -2 ${SPARK_WIDTH + 4} ${SPARK_HEIGHT + 4}`);
    this.#spark.setAttribute('aria-hidden', 'true');
    this.#end.setAttribute('r', '1.6');
    this.#end.setAttribute('cx', String(SPARK_WIDTH));
    this.#spark.append(this.#line, this.#end);
    this.element.insertBefore(this.#spark, this.#last);
  }

  /** Stand for instrument `column` at place `place` of `count`. */
  place(column: number, instrument: InstrumentInfo, place: number, count: number): void {
    const { element } = this;
    element.setAttribute('aria-posinset', String(place + 1));
    element.setAttribute('aria-setsize', String(count));
    element.dataset.place = String(place);
    if (column === this.column) return;
    this.column = column;
    element.id = rowId(column);
    element.dataset.symbol = instrument.symbol;
    this.#symbol.textContent = instrument.symbol;
    this.#name.textContent = instrument.name;
    this.#lastTicks = this.#baseTicks = Number.NaN;
    this.#lastText = '';
    this.#lineVersion = -1;
    this.#endFlash();
  }

  /** How long the price is, in letters. */
  get lastLetters(): number {
    return this.#lastText.length;
  }

  /** Show what is new about the instrument's price. */
  paint(prices: Prices, instrument: InstrumentInfo): void {
    const lastTicks = prices.last[this.column]!;
    const baseTicks = prices.base[this.column]!;
    const isCurrent = prices.isCurrent(this.column);
    const isKnown = Number.isFinite(lastTicks);
    if (isKnown !== this.#isKnown) {
      this.element.classList.toggle('is-unknown', !isKnown);
      this.#isKnown = isKnown;
    }
    const moved = lastTicks !== this.#lastTicks;
    // What was not followed has not moved now, but some time ago.
    if (moved) this.#paintLast(lastTicks, instrument, this.#isCurrent);
    if (isCurrent !== this.#isCurrent) {
      this.element.classList.toggle('is-waiting', !isCurrent);
      this.#isCurrent = isCurrent;
    }
    if (moved || baseTicks !== this.#baseTicks) {
      this.#change.textContent = formatChange(lastTicks, baseTicks, instrument);
      const percent = percentChange(lastTicks, baseTicks);
      const shown = percent === undefined ? lastTicks - baseTicks : Number(percent.toFixed(2));
      this.element.dataset.direction = directionOf(shown);
    }
    this.#paintStatus(prices.status[this.column]!);
    const lineVersion = prices.lineVersion[this.column]!;
    if (moved || lineVersion !== this.#lineVersion) {
      const points = prices.lineOf(this.column);
      const { path, endY } = sparkPath(points, lastTicks, SPARK_WIDTH, SPARK_HEIGHT);
      this.#line.setAttribute('d', path);
      this.#end.setAttribute('cy', String(endY));
      this.#lineVersion = lineVersion;
    }
    this.#lastTicks = lastTicks;
    this.#baseTicks = baseTicks;
  }

  #paintStatus(status: number): void {
    if (status === this.#status) return;
    this.#status = status;
    const still = STILL[status]!;
    this.element.dataset.still = still;
    // Read out behind the price.
    this.element.title = still && still[0]!.toUpperCase() + still.slice(1);
  }

  /** Only the digits that changed take the colour of the move: whole cells would strobe. */
  #paintLast(ticks: number, instrument: InstrumentInfo, isMove: boolean): void {
    const text = formatPrice(ticks, instrument);
    const isShown = isMove && this.#lastText !== '' && Number.isFinite(this.#lastTicks);
    const shared = isShown ? commonPrefix(this.#lastText, text) : text.length;
    this.#steady.data = text.slice(0, shared);
    this.#digits.textContent = text.slice(shared);
    if (isShown) this.#flash(ticks > this.#lastTicks ? 'up' : 'down');
    this.#lastText = text;
  }
  /**
   * The colour goes at once rather than fading: a fade has the browser draw sixty times a second,
   * and with rows of a second it would hardly ever rest.
   */
  #flash(direction: 'up' | 'down'): void {
    clearTimeout(this.#flashTimer);
    this.#digits.dataset.flash = direction;
    this.#flashTimer = setTimeout(() => this.#endFlash(), FLASH_MS);
  }

  #endFlash(): void {
    delete this.#digits.dataset.flash;
  }
}

import type { InstrumentInfo, SparklinesAnswer, Values } from '../client/index.ts';
import type { Prices } from './prices.ts';

const LINE_POINTS = 48;
/** A list that scrolls comes to rest before the server hears of it. */
const SETTLE_MS = 120;
/** Lines that could not be had, or are old, are asked for again. */
const LOOK_MS = 5_000;
/** All of a market is asked for no more often, however fast its time goes. */
const MARKET_MS = 30_000;

export interface LinesQuery {
  readonly symbols: readonly string[] | '*';
  readonly points: number;
}

/** Lines, and one row of which instruments trade. */
export interface LinesAnswer extends Pick<SparklinesAnswer, 'prices'> {
  readonly statuses: Values;
}

export interface FollowingOptions {
  readonly instruments: readonly InstrumentInfo[];
  readonly prices: Prices;
  readonly chosen: number;
  /** Have the stream bring these from now on. */
  readonly select: (symbols: readonly string[] | '*') => void;
  readonly fetchLines: (query: LinesQuery) => Promise<LinesAnswer>;
  /** Prices are known that were not; `isMarket` if of all instruments. */
  readonly onKnown: (isMarket: boolean) => void;
  /** The market's time: what is old is so by that, whether it stands still or races. */
  readonly nowMs: () => number;
}

/**
 * Which instruments the page follows: those in view and the chosen one. All of them only while
 * prices decide which are in view.
 *
 * The stream brings each new price; what was before is asked for when they come into view.
 */
export class Following {
  readonly #options: FollowingOptions;
  #chosen: number;
  #inView: readonly number[] = [];
  #isOrdered = false;
  #followed: ReadonlySet<number>;
  readonly #pending = new Set<number>();
  #isMarketPending = false;
  /** By the browser's clock. */
  #marketAskedMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FollowingOptions) {
    this.#options = options;
    this.#chosen = options.chosen;
    this.#followed = new Set([options.chosen]);
    setInterval(() => this.#complete(), LOOK_MS);
  }

  /** What the stream is asked for. */
  get symbols(): readonly string[] {
    return [...this.#followed].map((column) => this.#options.instruments[column]!.symbol);
  }

  /** The list shows these now; none, if it is not shown itself. */
  show(columns: readonly number[]): void {
    const isFirst = this.#inView.length === 0;
    this.#inView = columns;
    this.#settle(isFirst ? 0 : SETTLE_MS);
  }

  choose(column: number): void {
    if (column === this.#chosen) return;
    this.#chosen = column;
    // At once: its chart is being opened.
    this.#follow();
  }

  /** Whether prices decide the order of the list. */
  order(isByPrice: boolean): void {
    this.#isOrdered = isByPrice;
    this.#settle(0);
  }

  /** Ask anew for what was before. */
  refresh(): void {
    this.#options.prices.outdateLines();
    this.#marketAskedMs = Number.NEGATIVE_INFINITY;
    this.#complete();
  }

  /** After `afterMs` without another change, and together with all changes until then. */
  #settle(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#follow(), afterMs);
  }

  get #wantsMarket(): boolean {
    return this.#isOrdered && this.#inView.length > 0;
  }

  #follow(): void {
    const { instruments, prices, select } = this.#options;
    const wanted = new Set(this.#wantsMarket ? instruments.keys() : this.#inView);
    wanted.add(this.#chosen);
    const before = this.#followed;
    const isSame = wanted.size === before.size && [...wanted].every((column) => before.has(column));
    if (!isSame) {
      for (const column of before) if (!wanted.has(column)) prices.leave(column);
      this.#followed = wanted;
      select(wanted.size === instruments.length ? '*' : this.symbols.toSorted());
    }
    this.#complete();
  }

  /** Ask for the past of what is in view, where it is not known. */
  #complete(): void {
    const { instruments, prices } = this.#options;
    const nowMs = this.#options.nowMs();
    const missing = [...new Set([...this.#inView, this.#chosen])].filter(
      (column) => prices.needsLine(column, nowMs) && !this.#pending.has(column),
    );
    if (missing.length > 0) void this.#fetchLines(missing);
    if (!this.#wantsMarket || this.#isMarketPending) return;
    const isDue = instruments.some((_, column) => prices.needsBase(column, nowMs));
    if (!isDue || performance.now() - this.#marketAskedMs < MARKET_MS) return;
    this.#marketAskedMs = performance.now();
    void this.#fetchMarket();
  }

  async #fetchLines(columns: readonly number[]): Promise<void> {
    const { instruments, prices, fetchLines, onKnown } = this.#options;
    for (const column of columns) this.#pending.add(column);
    try {
      const symbols = columns.map((column) => instruments[column]!.symbol);
      const answer = await fetchLines({ symbols, points: LINE_POINTS });
      const nowMs = this.#options.nowMs();
      for (const [place, column] of columns.entries()) {
        // It may have left the view meanwhile; then its price is old again by now.
        if (!this.#followed.has(column)) continue;
        prices.takeLine(column, answer.prices[place]!, nowMs, answer.statuses[place]![0]);
      }
      onKnown(false);
    } catch {
      // The list goes on without them; the next look tries again.
    } finally {
      for (const column of columns) this.#pending.delete(column);
    }
  }

  async #fetchMarket(): Promise<void> {
    const { prices, fetchLines, onKnown } = this.#options;
    this.#isMarketPending = true;
    try {
      const answer = await fetchLines({ symbols: '*', points: 2 });
      const nowMs = this.#options.nowMs();
      for (const column of this.#followed) {
        prices.takeEnds(column, answer.prices[column]!, nowMs, answer.statuses[column]![0]);
      }
      onKnown(true);
    } catch {
      // As above.
    } finally {
      this.#isMarketPending = false;
    }
  }
}

import type { History } from '../core/history/history.ts';
import { rateOf } from '../core/history/read-trades.ts';
import { finish } from '../core/market/finish.ts';
import { sinceOf } from '../core/market/grid.ts';
import { newTradeLists } from '../core/market/trading/trade-lists.ts';
import type { TradesEncoder } from './encoder.ts';
import type { Frames } from './frames.ts';
import type { FanOutGroup } from './groups.ts';
import type { Held, PartSource } from './part-source.ts';
import type { Part } from './sending.ts';
import { rangeOf, readColumn, startsOf, type TradedRange, TradeReading } from './trade-reading.ts';

/** Rows times columns, and trades, that become a payload in one go: a millisecond of work. */
const MOST_ROWS_AT_ONCE = 2 ** 7;
const MOST_TRADES_AT_ONCE = 2 ** 9;
/** Trades of a row, on average, that hardly ever are more than can be told at once. */
const MOST_PROMPT_TRADES = MOST_TRADES_AT_ONCE / 8;
/** Parts of which it is known how far they go. */
const MOST_RANGES = 64;

/** What is half read, and how many wait for it. */
interface Waited {
  readonly reading: TradeReading;
  waiting: number;
}

/**
 * Payloads of single trades for groups: at once of the newest rows, if what was traded in them is
 * kept; a slice at a time of all others. A part is of whole rows: as many as fit a frame, and at
 * least one. Who wants the same from the same row on shares it.
 */
export class TradeSource implements PartSource {
  readonly #history: History;
  readonly #frames: Frames;
  readonly #readings = new Map<string, Waited>();
  /** How far parts go that were made, by where they begin. */
  readonly #ranges = new Map<string, TradedRange>();
  /** What was made last, which may be too large to be kept with others. */
  #made: { readonly key: string; readonly body?: Uint8Array } = { key: '' };

  constructor(history: History, frames: Frames) {
    this.#history = history;
    this.#frames = frames;
  }

  put(group: FanOutGroup, from: number): Part | undefined {
    const key = partKey(group, from);
    const known = this.#ranges.get(key);
    const kept = known === undefined ? undefined : this.#kept(bodyKey(group, known));
    if (known !== undefined && kept !== undefined) return this.#put(group, known, kept);
    const range = this.#atHand(group, from);
    if (range === undefined) return undefined;
    const lists = newTradeLists(range.first, range.counts);
    const starts = startsOf(range);
    for (const [n, column] of group.columns.entries()) {
      finish(readColumn(lists, this.#history, column, range, n, starts[n]!));
    }
    const sinceMs = sinceOf(this.#history.market.grid, from);
    const body = finish(encoderOf(group).encode(lists, sinceMs, group.columns));
    this.#keep(group, key, range, body);
    return this.#put(group, range, body);
  }

  hold(group: FanOutGroup, from: number, isFirst: boolean): Held {
    const key = partKey(group, from);
    const known = this.#readings.get(key);
    const waited = known ?? { reading: this.#newReading(group, key, from, isFirst), waiting: 0 };
    if (known === undefined) this.#readings.set(key, waited);
    waited.waiting += 1;
    const letGo = () => {
      waited.waiting -= 1;
      if (waited.waiting === 0) this.#forget(key, waited);
    };
    return { from, letGo };
  }

  *read(
    group: FanOutGroup,
    from: number,
    pay: (cost: number) => boolean,
  ): Generator<void, boolean, void> {
    const key = partKey(group, from);
    const waited = this.#readings.get(key);
    if (waited === undefined) throw new Error('who reads trades holds what is half read of them');
    try {
      const isPaid = yield* waited.reading.goOn(pay);
      if (waited.reading.isDone) this.#forget(key, waited);
      return isPaid;
    } catch (error) {
      // Nobody goes on with half of it.
      this.#forget(key, waited);
      throw error;
    }
  }

  isPrompt({ columns }: FanOutGroup): boolean {
    const { head, market, trades } = this.#history;
    if (columns.length > MOST_ROWS_AT_ONCE || !trades.has(columns, head)) return false;
    return columns.reduce((sum, column) => sum + rateOf(market, column), 0) < MOST_PROMPT_TRADES;
  }

  /** What is read at the head is kept there by who reads it. */
  keepUp(): void {}

  /** Nothing is kept for a group but what is given up by itself. */
  ended(): void {}

  #forget(key: string, waited: Waited): void {
    // Another may have been begun since.
    if (this.#readings.get(key) === waited) this.#readings.delete(key);
  }

  #newReading(group: FanOutGroup, key: string, from: number, isFirst: boolean): TradeReading {
    const history = this.#history;
    const { columns, rowsPerFrame: most, encoder } = group;
    const { format, isByRow = false } = encoder;
    return new TradeReading({
      ...{ history, columns, from, most, isByRow, format, encoder: encoderOf(group) },
      ...{ isFirst, sinceMs: sinceOf(history.market.grid, from) },
      done: (range, body) => this.#keep(group, key, range, body),
    });
  }

  /** All rows up to the head, if they are few, and what was traded in them is kept. */
  #atHand(group: FanOutGroup, from: number): TradedRange | undefined {
    const { columns, rowsPerFrame, encoder } = group;
    const { trades, timeline } = this.#history;
    const change = encoder.isByRow === true ? from + 1 : timeline.nextChange(from);
    const head = Math.min(this.#history.head, change);
    const rows = head - from;
    if (rows < 1 || rows * columns.length > MOST_ROWS_AT_ONCE) return undefined;
    if (!trades.has(columns, from)) return undefined;
    const range = rangeOf(this.#history, columns, from, head);
    const most = rows === 1 ? MOST_TRADES_AT_ONCE : Math.min(MOST_TRADES_AT_ONCE, rowsPerFrame);
    return range.trades > most ? undefined : range;
  }

  #kept(key: string): Uint8Array | undefined {
    return this.#frames.kept(key) ?? (this.#made.key === key ? this.#made.body : undefined);
  }

  #keep(group: FanOutGroup, key: string, range: TradedRange, body: Uint8Array): void {
    setLast(this.#ranges, key, range);
    const made = bodyKey(group, range);
    this.#frames.keep(made, body);
    this.#made = { key: made, body };
  }

  #put(group: FanOutGroup, range: TradedRange, body: Uint8Array): Part {
    const { from, next, trades } = range;
    const shape = { columns: group.columns.length, trades };
    encoderOf(group).put(body, shape, from, next, this.#history.head);
    return { from, next, trades };
  }
}

function encoderOf({ encoder }: FanOutGroup): TradesEncoder {
  if (encoder.trades === undefined) throw new Error('an encoder of trades has joined its groups');
  return encoder.trades;
}

/** Sets the last of a map; the first goes if they are too many. */
function setLast<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST_RANGES) map.delete(map.keys().next().value!);
}

/** Equal for those who are to be sent the same trades next, whenever they ask. */
function partKey({ encoder, wantedKey, rowsPerFrame }: FanOutGroup, from: number): string {
  const most = encoder.isByRow === true ? 'row' : rowsPerFrame;
  return `trades from ${encoder.bodyKind.number} ${most} ${from} ${wantedKey}`;
}

function bodyKey({ encoder, wantedKey }: FanOutGroup, { from, next }: TradedRange): string {
  return `trades ${encoder.bodyKind.number} ${from} ${next} ${wantedKey}`;
}

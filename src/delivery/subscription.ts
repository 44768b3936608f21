import type { Cut, Telling, Wanted } from '../core/history/wanted.ts';
import type { Market } from '../core/market/market.ts';
import type { Connection } from './connection.ts';
import type { Encoder } from './encoder.ts';
import { oneRowOf } from './faulty/one-row-encoder.ts';
import type { FanOutGroup, FanOutGroups } from './groups.ts';
import type { Held } from './part-source.ts';

/** Whether a late reader wants all rows, or only the newest. */
export type Delivery = 'all' | 'latest';

export interface SubscriptionOptions {
  readonly market: Market;
  readonly groups: FanOutGroups;
  readonly connection: Connection;
  /** How it is written. Default: as all of its connection is. */
  readonly encoder?: Encoder;
  /** A whole number from 0 on: the frames of a turn are kept by it. */
  readonly id: number;
  readonly wanted: Wanted;
  readonly cursor: number;
  /** The number of the market's next row: who wants no row before it begins at once. */
  readonly head: number;
  readonly delivery: Delivery;
  /** Whether its reader has the book before `cursor`. Default: it does. */
  readonly hasBook?: boolean;
}

/**
 * One reader on a connection: a cursor and no queue.
 *
 *     rows   … sent │ next rows …  head
 *                   └─ cursor
 */
export class Subscription implements Wanted {
  readonly connection: Connection;
  readonly id: number;
  readonly what: Wanted['what'];
  readonly fields: Wanted['fields'];
  readonly columns: Wanted['columns'];
  readonly isTraded: boolean;
  /** Of candles; undefined for rows. */
  readonly cut: Cut | undefined;
  /** Of books; undefined for all else. */
  readonly levels: number | undefined;
  readonly telling: Telling | undefined;
  readonly delivery: Delivery;
  /** The first row that came since it began: older ones are told as they are, whatever faults. */
  readonly firstLive: number;
  /** Equal for the same fields of the same columns in the same order: such frames are shared. */
  readonly wantedKey: string;
  /** The group of those that want the same. */
  readonly group: FanOutGroup;
  /** Its index among the live members of its group; -1 if it is not one. Set by `FanOutGroups`. */
  memberIndex = -1;
  /** Rises with each frame it is sent while late: the lowest has waited longest. */
  turn = 0;
  /** Set while rows are being read for it, so that no second read begins. */
  isReading = false;
  /** Whether it has come to the head once, or began there. */
  hasBegun: boolean;
  /** Whether it was at the head when it was last sent anything. */
  isLive = false;
  /** Of books: whether its reader has one, so that what changed is enough. */
  hasBook: boolean;
  /** Whether old rows have been read for it: the first such read also settles eras. */
  hasRead = false;
  /** When its address can pay for its next rows, by the steady clock; for one that could not. */
  unpaidUntilMs = 0;
  #cursor: number;
  /** What is half read for it: it goes on with that, wherever the head is by then. */
  #held: Held | undefined;
  #isClosed = false;
  readonly #groups: FanOutGroups;

  /**
   * Throws a `RangeError` if `id` is no whole number from 0 on, a `TypeError` if nothing says how
   * it is written.
   */
  constructor(options: SubscriptionOptions) {
    const { market, groups, connection, id, wanted, cursor, head, delivery } = options;
    const { hasBook = true } = options;
    if (!Number.isSafeInteger(id) || id < 0) {
      const rule = 'the id of a subscription must be a whole number from 0 on';
      throw new RangeError(`${rule}; given: ${id}`);
    }
    this.connection = connection;
    this.id = id;
    this.delivery = delivery;
    this.firstLive = head;
    this.#groups = groups;
    const { encoder = connection.encoder } = options;
    if (encoder === undefined) {
      throw new TypeError(`a subscription needs an encoder; given: none, by ${connection.kind}`);
    }
    const own = connection.outlet.faulty === undefined ? encoder : oneRowOf(encoder);
    this.group = groups.join(own, wantedKey(market, wanted), wanted);
    // All three are large, and of each the group's one is kept.
    this.wantedKey = this.group.wantedKey;
    this.what = this.group.what;
    this.fields = this.group.fields;
    this.columns = this.group.columns;
    this.isTraded = this.group.isTraded;
    this.cut = this.group.cut;
    this.levels = this.group.levels;
    this.telling = this.group.telling;
    this.#cursor = cursor;
    this.hasBegun = this.cut === undefined || cursor >= head;
    this.hasBook = hasBook;
  }

  /** The index of the next row its reader wants. */
  get cursor(): number {
    return this.memberIndex < 0 ? this.#cursor : this.group.at;
  }

  /** Must not be set while it is a live member. */
  set cursor(index: number) {
    this.#cursor = index;
    if (this.#held !== undefined && this.#held.from < index) this.hold(undefined);
  }

  /** The row from which on something is half read for it. */
  get heldFrom(): number | undefined {
    return this.#held?.from;
  }

  /** Holds what is half read for it, in place of what it held. */
  hold(held: Held | undefined): void {
    const before = this.#held;
    this.#held = held;
    before?.letGo();
  }

  /**
   * Whether it is to be sent something, when the next row is `head`. A reader of candles that come
   * now and then only is told at once how they stand when it begins.
   */
  isOwed(head: number): boolean {
    const { cursor } = this;
    if (!this.hasBook) return head > 0;
    if (cursor >= head) return false;
    return !this.hasBegun || cursor < this.group.dueAt(head);
  }

  /** The most rows, or candles, that one of its frames holds; at least one. */
  get rowsPerFrame(): number {
    return this.group.rowsPerFrame;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends it: it is sent nothing more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.hold(undefined);
    this.#groups.detach(this);
    this.#groups.leave(this.group);
  }
}

/**
 * Equal for the same fields of the same columns in the same order, cut alike, told as often; of
 * books with as many levels.
 */
export function wantedKey(market: Market, wanted: Wanted): string {
  const { cut, levels, telling } = wanted;
  if (levels !== undefined) {
    const told = telling === undefined ? '' : ` ${telling.how} ${telling.everyRows}`;
    return `${rowsKey(market, wanted)} ${levels}${told}`;
  }
  return cut === undefined
    ? rowsKey(market, wanted)
    : `${candlesKey(market, wanted)} ${cut.everyRows}`;
}

/** The same of candles, however often they are told. */
export function candlesKey(market: Market, wanted: Wanted): string {
  const { cut } = wanted;
  const how = `${cut?.isPaid ? ' paid' : ''}${cut?.isHeldToo === false ? ' open' : ''}`;
  return `${rowsKey(market, wanted)} ${cut?.resolution.key}${how}`;
}

function rowsKey({ instruments }: Market, { what, fields, columns }: Wanted): string {
  const isAll = columns.length === instruments.length && columns.every((column, n) => column === n);
  return `${isAll ? '*' : columns.join(',')} ${what === 'trades' ? what : fields.join(',')}`;
}

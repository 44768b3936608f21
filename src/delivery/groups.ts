import {
  areBooks,
  areCandles,
  booksDueAt,
  type Cut,
  dueAt,
  type Telling,
  type Wanted,
} from '../core/history/wanted.ts';
import type { Encoder } from './encoder.ts';
import type { Wire } from './socket.ts';
import type { Subscription } from './subscription.ts';

export interface GroupOptions {
  readonly encoder: Encoder;
  /** What all of them want: one list for all. */
  readonly wanted: Wanted;
  /** Equal for the same fields of the same columns in the same order. */
  readonly wantedKey: string;
  /** The most rows, candles or trades that one frame holds; at least one. */
  readonly rowsPerFrame: number;
}

/**
 * Subscriptions that want the same in the same encoding, under whatever id. While they are at the
 * same row they share one payload, and each id has its own frame of it.
 *
 * Its live members are those that are live and alone on their connection. They share one cursor. A
 * row needs nothing of a member but its id, its wire and its slot of the connection counters:
 *
 *     members  a  b  c  …    touched only where something special is to be done
 *     ids      7  1  1  …
 *     slots    .  .  .  …
 *     wires    .  .  .  …
 */
export class FanOutGroup implements Wanted {
  readonly encoder: Encoder;
  readonly what: Wanted['what'];
  readonly fields: Wanted['fields'];
  readonly columns: Wanted['columns'];
  readonly isTraded: boolean;
  /** Of candles; undefined for rows. */
  readonly cut: Cut | undefined;
  /** Of books; undefined for all else. */
  readonly levels: number | undefined;
  readonly telling: Telling | undefined;
  readonly wantedKey: string;
  readonly rowsPerFrame: number;
  readers = 0;
  /** The index of the next row that all live members want. */
  at = -1;
  readonly members: Subscription[] = [];
  readonly ids: number[] = [];
  readonly slots: number[] = [];
  readonly wires: Wire[] = [];

  constructor(options: GroupOptions) {
    this.encoder = options.encoder;
    this.what = options.wanted.what;
    this.fields = options.wanted.fields;
    this.columns = options.wanted.columns;
    this.isTraded = options.wanted.isTraded;
    this.cut = options.wanted.cut;
    this.levels = options.wanted.levels;
    this.telling = options.wanted.telling;
    this.wantedKey = options.wantedKey;
    this.rowsPerFrame = options.rowsPerFrame;
  }

  /** How far its live members are due something, when the next row is `head`. */
  dueAt(head: number): number {
    if (this.telling !== undefined) return booksDueAt(this.telling, head);
    return this.cut === undefined ? head : dueAt(this.cut, head);
  }

  /** Whether who has got the rows before `next` has all candles that are whole, or just rows. */
  isNear(next: number, head: number): boolean {
    // Trades, and what changed of books, come by rows: all of them.
    if (this.what === 'trades' || this.what === 'depth') return next >= this.dueAt(head);
    return this.cut === undefined || next >= this.cut.rows.at(head).from;
  }
}

/** All groups that have a subscription. */
export class FanOutGroups {
  /** By the key of what is wanted. */
  readonly #groups = new Map<Encoder, Map<string, FanOutGroup>>();
  readonly #frameBytes: number;
  readonly #ended: (group: FanOutGroup) => void;
  readonly #live = new Set<FanOutGroup>();

  /**
   * `frameBytes`: the most that a frame takes, if it is of more than one row. `ended` is told each
   * group that has no subscription any more.
   */
  constructor(frameBytes: number, ended: (group: FanOutGroup) => void = () => {}) {
    this.#frameBytes = frameBytes;
    this.#ended = ended;
  }

  get size(): number {
    return [...this.#groups.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The groups with a live member. */
  get live(): ReadonlySet<FanOutGroup> {
    return this.#live;
  }

  /** The group of a new subscription. `wantedKey` is equal for the same fields and columns. */
  join(encoder: Encoder, wantedKey: string, wanted: Wanted): FanOutGroup {
    let groups = this.#groups.get(encoder);
    if (groups === undefined) {
      groups = new Map();
      this.#groups.set(encoder, groups);
    }
    let group = groups.get(wantedKey);
    if (group === undefined) {
      const rowsPerFrame = this.#perFrame(encoder, wanted);
      group = new FanOutGroup({ encoder, wanted, wantedKey, rowsPerFrame });
      groups.set(wantedKey, group);
    }
    group.readers += 1;
    return group;
  }

  /** Call it once for each `join`. */
  leave(group: FanOutGroup): void {
    group.readers -= 1;
    if (group.readers !== 0) return;
    this.#groups.get(group.encoder)?.delete(group.wantedKey);
    this.#ended(group);
  }

  /** Throws a `TypeError` if what is wanted is nothing that its protocol has streams of. */
  #perFrame(encoder: Encoder, wanted: Wanted): number {
    const frameBytes = this.#frameBytes;
    if (wanted.what === 'rows') return encoder.rowsPerFrame(wanted, frameBytes);
    if (encoder[wanted.what] === undefined) {
      const what = areBooks(wanted) ? 'books' : wanted.what;
      throw new TypeError(`an encoder must have ${what} to stream them; given: ${encoder.name}`);
    }
    if (areBooks(wanted)) return 1;
    if (areCandles(wanted)) return encoder.candles!.perFrame(wanted, frameBytes);
    return encoder.trades!.perFrame(wanted.columns.length, frameBytes);
  }

  /** Makes a subscription a live member: it moves with its group from now on. */
  attach(subscription: Subscription, slot: number, wire: Wire): void {
    const { group } = subscription;
    if (group.members.length === 0) {
      group.at = subscription.cursor;
      this.#live.add(group);
    }
    subscription.memberIndex = group.members.length;
    group.members.push(subscription);
    group.ids.push(subscription.id);
    group.slots.push(slot);
    group.wires.push(wire);
  }

  /** Gives it a cursor of its own again, where the group is. */
  detach(subscription: Subscription): void {
    const { group, memberIndex } = subscription;
    if (memberIndex < 0) return;
    subscription.memberIndex = -1;
    subscription.cursor = group.at;
    const last = group.members.pop()!;
    const [id, slot, wire] = [group.ids.pop()!, group.slots.pop()!, group.wires.pop()!];
    if (last !== subscription) {
      last.memberIndex = memberIndex;
      group.members[memberIndex] = last;
      group.ids[memberIndex] = id;
      group.slots[memberIndex] = slot;
      group.wires[memberIndex] = wire;
    }
    if (group.members.length === 0) this.#live.delete(group);
  }
}

import type { History } from '../core/history/history.ts';
import type { ConnectionCounters, Turn } from './counters.ts';
import type { Frame } from './encoder.ts';
import type { FrameSource } from './frame-source.ts';
import type { FanOutGroup } from './groups.ts';
import { NewestRows } from './newest-rows.ts';
import type { Subscription } from './subscription.ts';

/** Clients count their ids up: frames for ids below this are kept for the next with the same id. */
const SMALL_IDS = 16;

export interface FanOutOptions {
  readonly history: History;
  readonly source: FrameSource;
  readonly counters: ConnectionCounters;
  /** Sends rows to a live member that needs more than a write: a ping, or a wait for room. */
  readonly handOver: (member: Subscription, frame: Frame, rows: number) => void;
}

/**
 * Sends rows to the live members of groups, and makes the frames of newest rows for all others. A
 * group has one payload a turn for all who are at the same row, whatever the ids: `OtherReaders`
 * asks for those of a group right behind its live members.
 */
export class FanOut {
  /** How many payloads were made, in all. */
  payloads = 0;
  readonly #options: FanOutOptions;
  readonly #newest: NewestRows;
  /** Whose payload is at hand, and of which rows. */
  #group: FanOutGroup | undefined;
  #from = -1;
  #head = -1;
  #puts = -1;
  /** The frame that was made last, and those of small ids. No id is -1. */
  #id = -1;
  #frame: Frame = '';
  readonly #frames: (Frame | undefined)[] = Array(SMALL_IDS).fill(undefined);
  /** Whether there are any of them. */
  #hasFrames = false;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#newest = new NewestRows(options.history);
  }

  /**
   * The frame of the rows `[from, head)` for this id; undefined if they are not at hand, or are
   * more than a frame holds.
   */
  frameFor(group: FanOutGroup, id: number, from: number): Frame | undefined {
    return this.#put(group, from) ? this.#frameOf(group, id) : undefined;
  }

  /**
   * Sends the live members of a group the rows up to the head, past their outlets once they are
   * booked. False, and nothing is sent, if the rows are not at hand.
   */
  send(group: FanOutGroup, turn: Turn): boolean {
    const { history, counters, handOver } = this.#options;
    const { at, members, ids, slots, wires } = group;
    const rows = history.head - at;
    if (rows === 0) return true;
    if (!this.#put(group, at)) return false;
    const { maxUnreadBytes } = counters.limits;
    turn.rows = rows;
    // From the end, because some may be detached.
    for (let n = members.length - 1; n >= 0; n--) {
      const frame = this.#frameOf(group, ids[n]!);
      const wire = wires[n]!;
      turn.bytes = frame.length;
      if (wire.writableLength > maxUnreadBytes || !counters.book(slots[n]!, turn)) {
        handOver(members[n]!, frame, rows);
        continue;
      }
      wire.write(frame, 'latin1');
    }
    group.at += rows;
    return true;
  }

  /** Forgets what was made: the next turn has another head. */
  endTurn(): void {
    this.#group = undefined;
    this.#forget();
  }

  /** Writes the payload of the rows `[from, head)`, if they are at hand. */
  #put(group: FanOutGroup, from: number): boolean {
    const { history, source } = this.#options;
    const { head, ring } = history;
    const { encoder, columns } = group;
    const isThere = this.#group === group && this.#puts === encoder.puts;
    if (isThere && this.#from === from && this.#head === head) return true;
    if (from < ring.tail || head - from > group.rowsPerFrame) return false;
    this.endTurn();
    if (!group.isTraded && this.#newest.moveTo(from, head)) {
      encoder.putNewest(this.#newest, columns, head);
    } else {
      const body = source.fromRing(group, from, head);
      if (body === undefined) return false;
      encoder.putBody(body, group, from, head, head);
    }
    this.payloads += 1;
    this.#puts = encoder.puts;
    this.#group = group;
    this.#from = from;
    this.#head = head;
    return true;
  }

  #frameOf({ encoder }: FanOutGroup, id: number): Frame {
    if (id === this.#id) return this.#frame;
    const kept = id < SMALL_IDS ? this.#frames[id] : undefined;
    const frame = kept ?? encoder.frameFor(id);
    if (id < SMALL_IDS) {
      this.#frames[id] = frame;
      this.#hasFrames = true;
    }
    this.#id = id;
    this.#frame = frame;
    return frame;
  }

  #forget(): void {
    this.#id = -1;
    this.#frame = '';
    if (this.#hasFrames) this.#frames.fill(undefined);
    this.#hasFrames = false;
  }
}

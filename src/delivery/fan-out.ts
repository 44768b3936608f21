import type { History } from '../core/history/history.ts';
import { areJustPrices } from '../core/market/fields.ts';
import type { ConnectionCounters, Turn } from './counters.ts';
import type { DeliveryTimes } from './delivery-times.ts';
import type { Frame } from './encoder.ts';
import type { FrameSource } from './frame-source.ts';
import type { FanOutGroup } from './groups.ts';
import { NewestRows } from './newest-rows.ts';
import { type PartSources, sourceOf } from './part-source.ts';
import { countsOf, newIdOf, type Part } from './sending.ts';
import type { Subscription } from './subscription.ts';

/** Clients count their ids up: frames for ids below this are kept for the next with the same id. */
const SMALL_IDS = 16;

export interface FanOutOptions {
  readonly history: History;
  readonly source: FrameSource;
  readonly sources: PartSources;
  readonly counters: ConnectionCounters;
  readonly times: DeliveryTimes;
  /** Sends a part to a live member that needs more than a write: a ping, or a wait for room. */
  readonly handOver: (member: Subscription, frame: Frame, part: Part) => void;
}

/** A frame, and what it holds. */
export interface FramedPart {
  readonly frame: Frame;
  readonly part: Part;
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
  #part: Part = { from: -1, next: -1 };
  /** For whom it is: who wants this row next, and has a book or none. */
  #from = -1;
  #hasBook = true;
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
   * The frame of what follows row `from - 1` for this id: all rows up to the head, or what a source
   * tells next. Undefined if that is not at hand, or is more than a frame holds.
   */
  frameFor(group: FanOutGroup, id: number, from: number, hasBook = true): FramedPart | undefined {
    if (!this.#put(group, from, hasBook)) return undefined;
    return { frame: this.#frameOf(group, id), part: this.#part };
  }

  /** The same, if it comes to the head: who is behind by more has its turn, and pays. */
  nearFrameFor(
    group: FanOutGroup,
    id: number,
    from: number,
    hasBook = true,
  ): FramedPart | undefined {
    if (!this.#putNear(group, from, hasBook)) return undefined;
    return this.frameFor(group, id, from, hasBook);
  }

  /** Whether what comes next for a group is at hand as soon as the head moves. */
  isPrompt(group: FanOutGroup): boolean {
    const { source, sources } = this.#options;
    const other = sourceOf(sources, group);
    if (other === undefined) return source.isPrompt(group);
    return other.isPrompt?.(group) ?? !group.isTraded;
  }

  /**
   * Sends the live members of a group all that is due, past their outlets once they are booked: of
   * candles at most two parts. False if it is not at hand, or more: whoever was sent a part of it
   * has it, as the group's cursor says.
   */
  send(group: FanOutGroup, turn: Turn): boolean {
    const { history, sources } = this.#options;
    const due = group.dueAt(history.head);
    if (group.at >= due) sourceOf(sources, group)?.keepUp(group);
    while (group.at < due) {
      if (!this.#putNear(group, group.at)) return false;
      this.#sendPart(group, turn);
    }
    return true;
  }

  #sendPart(group: FanOutGroup, turn: Turn): void {
    const { encoder, at } = group;
    const part = this.#part;
    const market = newIdOf(this.#options.history.timeline, at, part.next);
    if (market !== undefined && encoder.marketFrame !== undefined) {
      const nothing = { from: at, next: at };
      this.#sendToAll(group, turn, nothing, (id) => encoder.marketFrame!(id, market, at));
    }
    // Some may be detached by it.
    const { length } = group.members;
    this.#sendToAll(group, turn, part, (id) => this.#frameOf(group, id));
    this.#options.times.wrote(encoder.name, part, length);
    group.at = part.next;
  }

  #sendToAll(group: FanOutGroup, turn: Turn, part: Part, frameOf: (id: number) => Frame): void {
    const { counters, handOver } = this.#options;
    const { members, ids, slots, wires } = group;
    const { maxUnreadBytes } = counters.limits;
    Object.assign(turn, countsOf(part));
    // From the end, because some may be detached.
    for (let n = members.length - 1; n >= 0; n--) {
      const frame = frameOf(ids[n]!);
      // Of these rows there is nothing to tell.
      if (frame.length === 0) continue;
      const wire = wires[n]!;
      turn.bytes = frame.length;
      if (wire.writableLength > maxUnreadBytes || !counters.book(slots[n]!, turn)) {
        handOver(members[n]!, frame, part);
        continue;
      }
      wire.write(frame, 'latin1');
    }
  }

  /** Forgets what was made: the next turn has another head. */
  endTurn(): void {
    this.#group = undefined;
    this.#forget();
  }

  #putNear(group: FanOutGroup, from: number, hasBook = true): boolean {
    if (!this.#put(group, from, hasBook)) return false;
    const { next } = this.#part;
    // What ends where another market id begins is all that there is of a part.
    const isCut = this.#options.history.timeline.nextChange(next - 1) === next;
    return isCut || group.isNear(next, this.#head);
  }

  /** Writes the payload of what follows row `from - 1`, if it is at hand. */
  #put(group: FanOutGroup, from: number, hasBook: boolean): boolean {
    const { history, sources } = this.#options;
    const { head } = history;
    const { encoder } = group;
    const isThere = this.#group === group && this.#puts === encoder.puts;
    const isFor = this.#from === from && this.#hasBook === hasBook;
    if (isThere && isFor && this.#head === head) return true;
    this.endTurn();
    const source = sourceOf(sources, group);
    const part =
      source === undefined ? this.#putRows(group, from) : source.put(group, from, hasBook);
    if (part === undefined) return false;
    this.payloads += 1;
    this.#puts = encoder.puts;
    this.#group = group;
    this.#part = part;
    this.#from = from;
    this.#hasBook = hasBook;
    this.#head = head;
    return true;
  }

  #putRows(group: FanOutGroup, from: number): Part | undefined {
    const { history, source } = this.#options;
    const { head, ring } = history;
    const { encoder, columns } = group;
    if (from < ring.tail || head - from > group.rowsPerFrame) return undefined;
    // No frame goes across an entry.
    const next = Math.min(head, history.timeline.nextChange(from));
    if (areJustPrices(group.fields) && this.#newest.moveTo(from, next)) {
      encoder.putNewest(this.#newest, columns, head);
    } else {
      const body = source.fromRing(group, from, next);
      if (body === undefined) return undefined;
      encoder.putBody(body, group, from, next, head);
    }
    return { from, next };
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

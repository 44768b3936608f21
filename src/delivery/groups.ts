import type { Wanted } from '../core/history/read-rows.ts';
import type { Encoding } from '../protocols/tickwell/stream/frames.ts';
import type { Wire } from './socket.ts';
import type { Subscription } from './subscription.ts';

/**
 * Subscriptions that want the same, in the same encoding and under the same id: while they are at
 * the same row they are sent the same frame, and it is found without a look at what they want.
 *
 * Those that are live and alone on their connection are in step: they move together, and nothing of
 * each is looked at but its numbers in the tally.
 */
export class Lane {
  readonly key: string;
  /** What all of them want: one list for all. */
  readonly wanted: Wanted;
  readers = 0;
  /** That of the rows `[cursor, head)`, for this turn. */
  frame: Uint8Array | undefined;
  cursor = -1;
  head = -1;
  /** Those in step, and of each: where its numbers are, and where its frames are written to. */
  readonly walkers: Subscription[] = [];
  readonly places: number[] = [];
  readonly wires: Wire[] = [];
  /** The index of the next row that all of them want. */
  at = -1;

  constructor(key: string, wanted: Wanted) {
    this.key = key;
    this.wanted = wanted;
  }
}

/** All lanes that somebody is on. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  /** Those with a frame. */
  readonly #warm: Lane[] = [];
  /** Those with somebody in step. */
  readonly #walked = new Set<Lane>();

  get size(): number {
    return this.#lanes.size;
  }

  /** Those with somebody in step. */
  get walked(): ReadonlySet<Lane> {
    return this.#walked;
  }

  /** The lane of a new subscription. `wantedKey` is equal for the same fields and columns. */
  join(encoding: Encoding, id: number, wantedKey: string, wanted: Wanted): Lane {
    const key = `${encoding} ${id} ${wantedKey}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(key, wanted);
      this.#lanes.set(key, lane);
    }
    lane.readers += 1;
    return lane;
  }

  /** To be called once for each `join`. */
  leave(lane: Lane): void {
    lane.readers -= 1;
    if (lane.readers === 0) this.#lanes.delete(lane.key);
  }

  /** From now on a subscription moves with its lane, as long as nothing special is to be done. */
  fallIn(subscription: Subscription, place: number, wire: Wire): void {
    const { lane } = subscription;
    if (lane.walkers.length === 0) {
      lane.at = subscription.cursor;
      this.#walked.add(lane);
    }
    subscription.step = lane.walkers.length;
    lane.walkers.push(subscription);
    lane.places.push(place);
    lane.wires.push(wire);
  }

  /** From now on it has a cursor of its own again, where the lane is. */
  fallOut(subscription: Subscription): void {
    const { lane, step } = subscription;
    if (step < 0) return;
    subscription.step = -1;
    subscription.cursor = lane.at;
    const [last, place, wire] = [lane.walkers.pop()!, lane.places.pop()!, lane.wires.pop()!];
    if (last !== subscription) {
      last.step = step;
      lane.walkers[step] = last;
      lane.places[step] = place;
      lane.wires[step] = wire;
    }
    if (lane.walkers.length === 0) this.#walked.delete(lane);
  }

  /** Has a frame at hand for the others on the lane, until the turn ends. */
  keep(lane: Lane, frame: Uint8Array, cursor: number, head: number): void {
    if (lane.frame === undefined) this.#warm.push(lane);
    lane.frame = frame;
    lane.cursor = cursor;
    lane.head = head;
  }

  /** Forgets all frames: the next turn has another head. */
  endTurn(): void {
    for (const lane of this.#warm) lane.frame = undefined;
    this.#warm.length = 0;
  }
}

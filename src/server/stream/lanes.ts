import type { Encoding } from './frames.ts';

/**
 * Subscriptions that want the same, in the same encoding and under the same id: while they are at
 * the same row they are sent the same frame, and it is found without a look at what they want.
 */
export interface Lane {
  readonly key: string;
  readers: number;
  /** That of the rows `[cursor, head)`, for this turn. */
  frame: Uint8Array | undefined;
  cursor: number;
  head: number;
}

/** All lanes that somebody is on. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  /** Those with a frame. */
  readonly #warm: Lane[] = [];

  get size(): number {
    return this.#lanes.size;
  }

  /** The lane of a new subscription. `wantedKey` is equal for the same fields and columns. */
  join(encoding: Encoding, id: number, wantedKey: string): Lane {
    const key = `${encoding} ${id} ${wantedKey}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { key, readers: 0, frame: undefined, cursor: -1, head: -1 };
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

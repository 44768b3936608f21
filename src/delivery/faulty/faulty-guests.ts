import type { Clock } from '../../host/clock.ts';
import type { Guest } from '../connection.ts';
import { FaultLines } from './fault-lines.ts';

/** The connections that asked for faults. */
export class FaultyGuests {
  readonly lines: FaultLines;
  readonly #guests = new Set<Guest>();
  readonly #attempt: (guest: Guest, act: () => void) => void;

  /** `attempt` does something for one, whose failure is that one's alone. */
  constructor(
    clock: Pick<Clock, 'steadyMs'>,
    attempt: (guest: Guest, act: () => void) => void,
    failed: (error: unknown) => void,
  ) {
    this.lines = new FaultLines(clock, failed);
    this.#attempt = attempt;
  }

  get size(): number {
    return this.#guests.size;
  }

  has(guest: Guest): boolean {
    return this.#guests.has(guest);
  }

  /** Takes in a guest, if it asked for faults; `drained` is called whenever it has room again. */
  add(guest: Guest, drained: () => void): void {
    const { faulty } = guest.outlet;
    if (faulty === undefined) return;
    this.#guests.add(guest);
    faulty.onRoom(drained);
  }

  delete(guest: Guest): void {
    this.#guests.delete(guest);
  }

  /** Rows before `head` have come, and everybody has been sent those that could be. */
  rowsCame(head: number): void {
    for (const guest of this.#guests) {
      this.#attempt(guest, () => guest.outlet.faulty?.rowsCame(nextOf(guest, head)));
    }
  }
}

/** The row up to which a guest has come: who is late is struck by others when it gets there. */
function nextOf({ subscriptions }: Guest, head: number): number {
  let next = head;
  for (const subscription of subscriptions.values()) {
    if (subscription.isOwed(head)) next = Math.min(next, subscription.cursor);
  }
  return next;
}

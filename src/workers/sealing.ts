import type { Entry } from '../core/market/entries/entry.ts';
import { headAt, MAX_ROWS } from '../core/market/grid.ts';
import type { Anchor } from '../core/timeline/market-time.ts';
import type { ClockWish, Director, Taken, Turned, Wish } from '../host/control/director.ts';
import type { Control } from '../host/control/open-control.ts';
import type { Directed } from '../host/control/own-director.ts';
import type { MarketClock } from '../host/market-clock.ts';
import { TickwellError } from '../wire/errors.ts';
import type { Answered, ToWorker } from './messages.ts';

/**
 * Rows are sealed so long before they are due: as late as an entry takes effect. This process does
 * little else, so that nobody waits for a seal.
 */
const LEAD_MS = 1000;
const LOOK_MS = 200;

/** What it works with. */
export type Shared = Omit<Directed, 'ahead'> &
  Pick<Directed['ahead'], 'timeline'> & { readonly control: Pick<Control, 'direct'> };

/**
 * Takes what is to be done to the market for all workers, and says how far each may make rows.
 *
 *     rows    ─── made ──────── seal = index of the entry
 *     sent    … seal 90, seal 100, entry at 100, seal 110 …
 *
 * Each worker is sent the same in the same order, and makes no row from its newest seal on. So one
 * that slept has the entry before it makes a row that lacks it, and one that is started anew begins
 * with all that was done, and with a seal.
 */
export class Sealing {
  readonly #clock: MarketClock;
  readonly #timeline: Shared['timeline'];
  readonly #director: Director;
  readonly #send: (message: ToWorker) => void;
  #seal = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `send` sends to all workers that have begun. */
  constructor(shared: Shared, send: (message: ToWorker) => void) {
    const sealed = () => this.#seal;
    const { timeline, clock } = shared;
    this.#clock = clock;
    this.#timeline = timeline;
    this.#send = send;
    const ahead = {
      timeline,
      get next() {
        return sealed();
      },
      add: (entry: Entry) => {
        timeline.add(entry);
        send({ type: 'entry', entry });
      },
      turn: (anchor: Anchor) => send({ type: 'turn', anchor }),
    };
    this.#director = shared.control.direct({ ...shared, ahead });
    this.#director.released = () => this.look();
  }

  /** What the metrics tell of it. */
  get figures() {
    return this.#director.figures;
  }

  /** What a worker begins with. */
  get start() {
    const { anchors } = this.#clock.time;
    return { entries: this.#timeline.entries, anchors, seal: this.#seal };
  }

  /** Seals the first rows. */
  async begin(): Promise<void> {
    await this.#director.begin();
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** Seals what is due soon. */
  look(): void {
    this.#director.look();
    const { time } = this.#clock;
    const dueSoon = headAt(this.#timeline.grid, time.marketMs(this.#clock.nowMs() + LEAD_MS));
    const until = Math.min(MAX_ROWS, dueSoon, this.#director.mayMakeUntil);
    if (until <= this.#seal) return;
    this.#seal = until;
    this.#send({ type: 'seal', until });
  }

  take(wish: Wish): Promise<Answered<Taken>> {
    return answered(this.#director.take(wish));
  }

  change(wish: ClockWish): Promise<Answered<Turned>> {
    return answered(this.#director.turn(wish));
  }

  list(): Promise<Answered<readonly Taken[]>> {
    return answered(this.#director.list());
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#director.stop();
  }
}

/** What an answer comes to, as it can be sent. Rejects with what is no answer: our own failure. */
async function answered<T>(answer: Promise<T>): Promise<Answered<T>> {
  try {
    return { ok: true, value: await answer };
  } catch (error) {
    if (!(error instanceof TickwellError)) throw error;
    const { code, message, details } = error;
    return { ok: false, error: { code, message, details } };
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, Outcome } from './broker.ts';
import type { SinkMessage } from './message.ts';
import { Reading } from './reading.ts';
import type { Since, SinkSource } from './source.ts';

/** Messages that are appended at once. */
const MOST_AT_ONCE = 64;
/**
 * What may be on its way to the broker: so much is held until it has answered. It begins with one
 * append, and doubles with each that is in: where another process is first, little was in vain.
 */
const MOST_IN_FLIGHT = 2048;
const MOST_BYTES_IN_FLIGHT = 4 * 2 ** 20;
/** Appends that are on their way: what comes meanwhile goes with the next one. */
const MOST_APPENDS = 32;
/** Another process appends the same: how long it is let go first, at most. */
const LET_GO_MS = 250;
/** The broker takes nothing, and says so at once: how long it is let be, at most. */
const ASK_AGAIN_MS = 2000;

export interface SinkOptions<Place> {
  readonly broker: Broker<Place>;
  readonly source: SinkSource;
  /** Where to begin if the stream has no message. */
  readonly since: Since;
  readonly signal: AbortSignal;
  /** Takes a sentence on what somebody should know of. */
  readonly tell: (sentence: string) => void;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** What a sink did so far. */
export interface SinkFigures {
  /** Messages that are in the stream by this process, or were found there when it appended them. */
  published: number;
  /** Of those that were appended at once, how often something else was there. */
  refused: number;
  /** How often nobody knew. */
  unknown: number;
  /** Time of the newest row that is known to be in the stream, in milliseconds; 0 before. */
  newestMs: number;
}

/**
 * Publishes the rows of a source to a stream, each message once, however many processes do it.
 *
 * All of them derive from a message that they have read in the stream which one is to be at which
 * place behind it. So what is appended to a place is the same whoever does it, at whatever time it
 * arrives, and the broker takes one. Whatever else happens, the stream is read again:
 *
 *     newest message ──► publish behind it ──► all in: go on
 *          ▲                                     │
 *          └──── refused, or nobody knows ───────┘
 */
export class Sink<Place> {
  readonly figures: SinkFigures = {
    ...{ published: 0, refused: 0, unknown: 0, newestMs: 0 },
  };
  readonly #options: SinkOptions<Place>;
  readonly #reading: Reading;

  constructor(options: SinkOptions<Place>) {
    this.#options = options;
    this.#reading = new Reading(options.source, options.signal);
  }

  /** Rows that were read and not published, and those behind them, as far as is known. */
  get lagRows(): number {
    const { waiting, lagRows } = this.#reading;
    return lagRows + new Set(waiting.map(({ time }) => time)).size;
  }

  /** Resolves when `signal` has aborted. Throws what the source does, and `SinkProblem`s. */
  async run(): Promise<void> {
    const { broker, signal, random = Math.random } = this.#options;
    try {
      while (!signal.aborted) {
        const { place, message } = await broker.newest(signal);
        if (signal.aborted) return;
        if (message === undefined) this.#beginAnew();
        else if (!(await this.#reading.goBehind(message))) return;
        this.#note();
        const isKnown = message !== undefined || broker.isPlaceUnique;
        const outcome = await this.#publish(place, isKnown);
        if (outcome === 'in') continue;
        const waitMs = outcome === 'refused' ? LET_GO_MS : ASK_AGAIN_MS;
        await sleep(random() * waitMs, undefined, { signal }).catch(() => {});
      }
    } finally {
      await this.#reading.end();
    }
  }

  /** The stream holds nothing. */
  #beginAnew(): void {
    const { since, tell } = this.#options;
    if (this.#reading.done !== undefined) {
      tell('the stream is empty by now; it goes on with the row behind the last');
    }
    this.#reading.begin(since);
  }

  /**
   * Publishes behind `place` until something is not in; gives what came of that. Of a place that is
   * not known to be the same for all, one message alone: others may have begun with another.
   */
  async #publish(place: Place, isKnown: boolean): Promise<Outcome> {
    const { broker, signal } = this.#options;
    const reading = this.#reading;
    const flights = new Flights((landed) => this.#land(landed));
    let next = place;
    while (!signal.aborted && flights.outcome === 'in') {
      const { messages: flying } = flights;
      const free = reading.waiting.slice(flying, flying + (isKnown ? MOST_AT_ONCE : 1));
      if (flights.isFull) await flights.landing();
      else if (free.length === 0) {
        if (!(await Promise.race([reading.read(), flights.landing()]))) break;
      } else {
        flights.add(free, broker.append(next, free));
        next = broker.after(next, free);
        if (!isKnown) break;
      }
    }
    await flights.all();
    return flights.outcome;
  }

  #land({ messages, outcome }: Flight): void {
    if (outcome === 'refused' || outcome === 'unknown') this.figures[outcome] += 1;
    else {
      this.figures.published += messages.length;
      this.#reading.drop(messages.length);
    }
    this.#note();
  }

  #note(): void {
    this.figures.newestMs = this.#reading.done?.time ?? this.figures.newestMs;
  }
}

interface Flight {
  readonly messages: readonly SinkMessage[];
  readonly bytes: number;
  outcome: Outcome | undefined;
}

/** What is on its way to a broker, in order. */
class Flights {
  /** What came of all that has landed: `in`, or what was not. */
  outcome: Outcome = 'in';
  messages = 0;
  #bytes = 0;
  #most = MOST_AT_ONCE;
  #next = newGate();
  readonly #flying: Flight[] = [];
  readonly #landings = new Set<Promise<void>>();
  readonly #onLanded: (flight: Flight) => void;

  /** `onLanded` hears of each that is in when all before it are, and of all that are not. */
  constructor(onLanded: (flight: Flight) => void) {
    this.#onLanded = onLanded;
  }

  get isFull(): boolean {
    if (this.#landings.size >= MOST_APPENDS) return true;
    return this.messages >= this.#most || this.#bytes >= MOST_BYTES_IN_FLIGHT;
  }

  add(messages: readonly SinkMessage[], appended: Promise<Outcome>): void {
    const bytes = messages.reduce((sum, { body }) => sum + body.length, 0);
    const flight: Flight = { messages, bytes, outcome: undefined };
    this.#flying.push(flight);
    this.messages += messages.length;
    this.#bytes += bytes;
    const landing = appended.then((outcome) => {
      flight.outcome = outcome;
      this.#landings.delete(landing);
      this.#landed(flight);
      this.#next.open(true);
      this.#next = newGate();
    });
    this.#landings.add(landing);
  }

  /** Resolves when one more has landed; not at all if none is on its way. */
  landing(): Promise<true> {
    return this.#next.promise;
  }

  /** Resolves when all have landed. */
  async all(): Promise<void> {
    await Promise.all(this.#landings);
  }

  #landed(flight: Flight): void {
    if (flight.outcome !== 'in') {
      this.outcome = flight.outcome!;
      this.#onLanded(flight);
    }
    while (this.#flying[0]?.outcome === 'in') {
      const { messages, bytes } = this.#flying[0];
      this.#onLanded(this.#flying.shift()!);
      this.messages -= messages.length;
      this.#bytes -= bytes;
      this.#most = Math.min(MOST_IN_FLIGHT, 2 * this.#most);
    }
  }
}

/** A promise, and what resolves it. */
function newGate(): { readonly promise: Promise<true>; open(value: true): void } {
  let open: (value: true) => void = () => {};
  const promise = new Promise<true>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

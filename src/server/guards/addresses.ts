import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import { Bucket } from './bucket.ts';
import { networkOf } from './network.ts';

/** How many of each kind. */
export interface Held {
  /** WebSockets and event streams. */
  connections: number;
  /** All TCP connections, those that are idle too. */
  sockets: number;
  /** HTTP requests that are being answered. */
  answers: number;
}

export type Kind = keyof Held;

/** What one address has of this server. */
export class Address {
  /** As it stands in the log: an IPv4 address, or the network of an IPv6 one. */
  readonly name: string;
  /** What it may still have computed. */
  readonly #work: Bucket;
  readonly #held: Held = { connections: 0, sockets: 0, answers: 0 };
  readonly #all: Held;

  constructor(name: string, work: Bucket, all: Held) {
    this.name = name;
    this.#work = work;
    this.#all = all;
  }

  count(kind: Kind): number {
    return this.#held[kind];
  }

  take(kind: Kind): void {
    this.#add(kind, 1);
  }

  release(kind: Kind): void {
    this.#add(kind, -1);
  }

  /**
   * Pays for what is to be computed, as `cost.ts` counts, and gives 0; or pays nothing, and gives
   * the milliseconds until it could.
   */
  pay(cost: number, nowMs: number): number {
    return this.#work.take(cost, nowMs);
  }

  /** Whether nothing need be known of it: then it is as good as a new one. */
  isIdle(nowMs: number): boolean {
    const { connections, sockets, answers } = this.#held;
    return connections + sockets + answers === 0 && this.#work.isFull(nowMs);
  }

  #add(kind: Kind, count: number): void {
    this.#held[kind] += count;
    this.#all[kind] += count;
  }
}

/** Who is connected, by address: limits hold for all connections of one together. */
export class Addresses {
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #known = new Map<string, Address>();
  readonly #all: Held = { connections: 0, sockets: 0, answers: 0 };

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The address that an IP address belongs to. */
  of(ip: string): Address {
    const name = networkOf(ip);
    let address = this.#known.get(name);
    if (address === undefined) {
      const { workPerSecond, workBurst } = this.#limits;
      const work = new Bucket(workPerSecond, workBurst, this.#clock.steadyMs());
      address = new Address(name, work, this.#all);
      this.#known.set(name, address);
    }
    return address;
  }

  /** How many are known: those that hold something or have used up some work lately. */
  get size(): number {
    return this.#known.size;
  }

  /** What all of them hold together. */
  count(kind: Kind): number {
    return this.#all[kind];
  }

  /** Forgets those that nothing needs to be known of; to be called now and then. */
  sweep(): void {
    const nowMs = this.#clock.steadyMs();
    for (const [name, address] of this.#known) {
      if (address.isIdle(nowMs)) this.#known.delete(name);
    }
  }
}

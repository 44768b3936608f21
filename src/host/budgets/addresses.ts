import { networkOf } from '../access/network.ts';
import type { Clock } from '../clock.ts';
import type { HostLimits } from '../host-limits.ts';
import { remember } from '../remember.ts';
import { Bucket } from './bucket.ts';

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

const KINDS = ['connections', 'sockets', 'answers'] as const;

/** What a worker says of an address: what it holds there, and paid for since it last said so. */
export interface UsageReport {
  readonly name: string;
  readonly held: Held;
  readonly paid: number;
}

/** What one address has: of this process, and of the other workers, as they reported. */
export class Address {
  /** As it stands in the log: an IPv4 address, or the network of an IPv6 one. */
  readonly name: string;
  readonly #work: Bucket;
  readonly #here = nothing();
  readonly #elsewhere = nothing();
  readonly #changed: (address: Address, kind: Kind, count: number) => void;
  #paid = 0;

  constructor(
    name: string,
    work: Bucket,
    changed: (address: Address, kind: Kind, count: number) => void,
  ) {
    this.name = name;
    this.#work = work;
    this.#changed = changed;
  }

  /** How many it has in all. */
  count(kind: Kind): number {
    return this.#here[kind] + this.#elsewhere[kind];
  }

  take(kind: Kind): void {
    this.#here[kind] += 1;
    this.#changed(this, kind, 1);
  }

  release(kind: Kind): void {
    this.#here[kind] -= 1;
    this.#changed(this, kind, -1);
  }

  /**
   * Pays for what is to be computed, as `cost.ts` counts, and gives 0; or pays nothing, and gives
   * the milliseconds until it could. `before` was paid for the same request already.
   */
  pay(cost: number, nowMs: number, before = 0): number {
    const waitMs = this.#work.take(cost, nowMs, before);
    if (waitMs > 0) return waitMs;
    this.#paid += this.#work.wantedFor(cost, before);
    this.#changed(this, 'answers', 0);
    return 0;
  }

  /** Pays for what has been done or begun, even if that makes a debt. */
  spend(cost: number, nowMs: number): void {
    this.#work.owe(cost, nowMs);
    this.#paid += cost;
    this.#changed(this, 'answers', 0);
  }

  /** Whether it has to wait before it can pay for anything. */
  isInDebt(nowMs: number): boolean {
    return this.#work.isInDebt(nowMs);
  }

  /** Whether nothing need be known of it: then it is as good as a new one. */
  isIdle(nowMs: number): boolean {
    return KINDS.every((kind) => this.count(kind) === 0) && this.#work.isFull(nowMs);
  }

  /** What there is to report to the others: what is paid is reported once. */
  report(): UsageReport {
    const report = { name: this.name, held: { ...this.#here }, paid: this.#paid };
    this.#paid = 0;
    return report;
  }

  /** Takes in that others hold so much more of a kind. */
  merge(kind: Kind, more: number): void {
    this.#elsewhere[kind] += more;
  }

  /** Takes in what it paid elsewhere: there may be a debt afterwards. */
  mergePaid(paid: number, nowMs: number): void {
    this.#work.owe(paid, nowMs);
  }
}

/** Networks of IP addresses that are remembered: some hundred kilobytes. */
const MOST_NETWORKS = 4096;

/**
 * Who is connected, by address: limits hold for all connections of one together, whichever worker
 * they came to. Workers report what they hold some milliseconds after it has changed.
 */
export class Addresses {
  readonly #limits: HostLimits;
  readonly #clock: Clock;
  readonly #networkOf = remember(MOST_NETWORKS, networkOf);
  readonly #known = new Map<string, Address>();
  /** What all have together, here and elsewhere. */
  readonly #all = nothing();
  /** What each of the other workers holds, as it said last. */
  readonly #others = new Map<number, Map<string, Held>>();
  /** What there is to report; undefined if there is nobody to report it to. */
  #unreported: Set<Address> | undefined;
  #onChange = () => {};

  constructor(limits: HostLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The address that an IP address belongs to. */
  of(ip: string): Address {
    return this.#named(this.#networkOf(ip));
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

  /** From now on there are others: `onChange` is called when there is something to report. */
  share(onChange: () => void): void {
    this.#unreported = new Set();
    this.#onChange = onChange;
  }

  /** What has changed since the last call. */
  report(): UsageReport[] {
    const reports = [...(this.#unreported ?? [])].map((address) => address.report());
    this.#unreported?.clear();
    return reports;
  }

  /** What there is, for one that knows nothing yet. */
  reportAll(): void {
    for (const address of this.#known.values()) this.#noteUnreported(address);
  }

  /** Takes in what another worker reported. */
  merge(worker: number, reports: readonly UsageReport[]): void {
    const nowMs = this.#clock.steadyMs();
    const its = this.#others.get(worker) ?? new Map<string, Held>();
    this.#others.set(worker, its);
    for (const { name, held, paid } of reports) {
      const address = this.#named(name);
      this.#replace(address, its.get(name), held);
      if (KINDS.some((kind) => held[kind] > 0)) its.set(name, held);
      else its.delete(name);
      if (paid > 0) address.mergePaid(paid, nowMs);
    }
  }

  /** Nothing is held by this other worker any more: it is gone. */
  forget(worker: number): void {
    for (const [name, held] of this.#others.get(worker) ?? []) {
      this.#replace(this.#named(name), held, nothing());
    }
    this.#others.delete(worker);
  }

  #named(name: string): Address {
    let address = this.#known.get(name);
    if (address === undefined) {
      const { workPerSecond, workBurst } = this.#limits;
      const work = new Bucket(workPerSecond, workBurst, this.#clock.steadyMs());
      address = new Address(name, work, this.#changed);
      this.#known.set(name, address);
    }
    return address;
  }

  readonly #changed = (address: Address, kind: Kind, count: number): void => {
    this.#all[kind] += count;
    if (this.#unreported !== undefined) this.#noteUnreported(address);
  };

  #noteUnreported(address: Address): void {
    if (this.#unreported?.size === 0) this.#onChange();
    this.#unreported?.add(address);
  }

  #replace(address: Address, before: Held | undefined, after: Held): void {
    for (const kind of KINDS) {
      const more = after[kind] - (before?.[kind] ?? 0);
      address.merge(kind, more);
      this.#all[kind] += more;
    }
  }
}

function nothing(): Held {
  return { connections: 0, sockets: 0, answers: 0 };
}

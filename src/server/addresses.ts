import { isIPv6 } from 'node:net';
import { Bucket } from './bucket.ts';
import type { Clock } from './clock.ts';
import type { Limits } from './limits.ts';

/** What one address has of this server. */
export interface Address {
  /** As it stands in the log: an IPv4 address, or the network of an IPv6 one. */
  readonly name: string;
  /** WebSockets and event streams. */
  connections: number;
  /** What it may still have computed. */
  readonly work: Bucket;
}

/** Who is connected, by address: limits hold for all connections of one together. */
export class Addresses {
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #known = new Map<string, Address>();

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
      address = { name, connections: 0, work };
      this.#known.set(name, address);
    }
    return address;
  }

  /** Forgets those that nothing needs to be known of; to be called now and then. */
  sweep(): void {
    const nowMs = this.#clock.steadyMs();
    for (const [name, { connections, work }] of this.#known) {
      if (connections === 0 && work.isFull(nowMs)) this.#known.delete(name);
    }
  }
}

/** An IPv6 client has a whole network of 2^64 addresses: they count as one. */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped !== null) return mapped[1]!;
  if (!isIPv6(ip)) return ip;
  const [front = '', back] = ip.split('%')[0]!.split('::');
  const head = front === '' ? [] : front.split(':');
  const tail = back === undefined || back === '' ? [] : back.split(':');
  const missing = back === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

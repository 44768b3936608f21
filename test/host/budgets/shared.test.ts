import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Addresses, type Kind, type UsageReport } from '../../../src/host/budgets/addresses.ts';
import { limitsOf } from '../../../src/server/limits.ts';
import { ManualClock } from '../../helpers/clock.ts';

const LIMITS = limitsOf({ workPerSecond: 1000, workBurst: 5000 });
const KINDS: readonly Kind[] = ['connections', 'sockets', 'answers'];
const IPS = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];

/** Several workers, and what each has reported that the others have not merged yet. */
class World {
  readonly clock = new ManualClock(0);
  readonly members = new Map<number, Addresses>();
  readonly #onTheirWay: {
    readonly to: number;
    readonly from: number;
    readonly reports: UsageReport[];
  }[] = [];
  #next = 0;

  begin(): number {
    const number = this.#next++;
    const addresses = new Addresses(LIMITS, this.clock);
    for (const other of this.members.values()) other.reportAll();
    this.members.set(number, addresses);
    addresses.share(() => {});
    return number;
  }

  report(from: number): void {
    const reports = this.members.get(from)!.report();
    for (const to of this.members.keys()) {
      if (to !== from) this.#onTheirWay.push({ to, from, reports });
    }
  }

  /** Everything reported is merged, in order; by JSON, as between processes. */
  deliver(): void {
    for (const { to, from, reports } of this.#onTheirWay.splice(0)) {
      if (!this.members.has(from)) continue;
      this.members.get(to)?.merge(from, JSON.parse(JSON.stringify(reports)));
    }
  }

  end(number: number): void {
    this.members.delete(number);
    for (const other of this.members.values()) other.forget(number);
  }

  settle(): void {
    for (const number of this.members.keys()) this.report(number);
    this.deliver();
  }
}

interface Step {
  readonly does: 'take' | 'release' | 'report' | 'end' | 'begin' | 'deliver';
  readonly who: number;
  readonly ip: number;
  readonly kind: Kind;
}

const often = ['take', 'take', 'take', 'release', 'report', 'report', 'deliver'] as const;
const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(...often, ...often, 'begin', 'end'),
  who: fc.nat(9),
  ip: fc.nat(IPS.length - 1),
  kind: fc.constantFrom(...KINDS),
});

describe('workers', () => {
  it('all count what all hold, once they have merged it, whoever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const world = new World();
        const held = new Map<number, Map<string, number>>();
        const begin = () => held.set(world.begin(), new Map());
        begin();
        begin();
        for (const { does, who: nth, ip, kind } of steps) {
          const numbers = [...world.members.keys()];
          const who = numbers[nth % numbers.length]!;
          const own = held.get(who)!;
          const key = `${kind} ${ip}`;
          const count = own.get(key) ?? 0;
          if (does === 'begin') begin();
          else if (does === 'deliver') world.deliver();
          else if (does === 'report') world.report(who);
          else if (does === 'end') {
            if (numbers.length === 1) continue;
            world.end(who);
            held.delete(who);
          } else if (does === 'take' || count > 0) {
            own.set(key, count + (does === 'take' ? 1 : -1));
            world.members.get(who)!.of(IPS[ip]!)[does](kind);
          }
        }
        world.settle();
        for (const addresses of world.members.values()) {
          for (const kind of KINDS) {
            const sums = IPS.map((_, ip) =>
              [...held.values()].reduce((sum, own) => sum + (own.get(`${kind} ${ip}`) ?? 0), 0),
            );
            expect(IPS.map((ip) => addresses.of(ip).count(kind))).toEqual(sums);
            expect(addresses.count(kind)).toBe(sums.reduce((sum, each) => sum + each, 0));
          }
        }
      }),
    );
  });

  it('have one budget for what an address may have computed', () => {
    const world = new World();
    const [one, two] = [world.begin(), world.begin()].map((n) => world.members.get(n)!.of(IPS[0]!));
    expect(one!.pay(4000, 0)).toBe(0);
    world.settle();
    expect(two!.pay(2000, 0)).toBe(1000);
    expect(two!.pay(1000, 0)).toBe(0);
    world.settle();
    expect(one!.pay(1, 0)).toBe(1);
    world.clock.passSteadily(4999);
    expect([one, two].map((address) => address!.pay(5000, 4999))).toEqual([1, 1]);
    world.clock.passSteadily(1);
    expect(two!.pay(5000, 5000)).toBe(0);
    world.settle();
    expect(one!.pay(1, 5000)).toBe(1);
  });

  it('owe what both gave before either had merged the report of the other', () => {
    const world = new World();
    const [one, two] = [world.begin(), world.begin()].map((n) => world.members.get(n)!.of(IPS[0]!));
    // More than a full bucket takes a full one, and is reported as that.
    for (const address of [one, two]) expect(address!.pay(1e9, 0)).toBe(0);
    world.settle();
    for (const address of [one, two]) expect(address!.pay(1, 0)).toBe(5001);
  });

  it('report what is paid after it was done, such as compressing', () => {
    const world = new World();
    const [one, two] = [world.begin(), world.begin()].map((n) => world.members.get(n)!.of(IPS[0]!));
    one!.spend(6000, 0);
    world.settle();
    for (const address of [one, two]) expect(address!.pay(1, 0)).toBe(1001);
  });

  it('report what is paid once', () => {
    const world = new World();
    const [one, two] = [world.begin(), world.begin()].map((n) => world.members.get(n)!.of(IPS[0]!));
    one!.pay(1000, 0);
    world.settle();
    world.settle();
    one!.take('sockets');
    world.settle();
    expect(two!.pay(4000, 0)).toBe(0);
    expect(two!.pay(1, 0)).toBe(1);
  });

  it('forget an address when none holds anything of it', () => {
    const world = new World();
    const [one, two] = [world.begin(), world.begin()].map((n) => world.members.get(n)!);
    one!.of(IPS[0]!).take('connections');
    world.settle();
    for (const addresses of [one, two]) {
      addresses!.sweep();
      expect(addresses!.size).toBe(1);
    }
    one!.of(IPS[0]!).release('connections');
    world.settle();
    for (const addresses of [one, two]) {
      addresses!.sweep();
      expect(addresses!.size).toBe(0);
    }
  });
});

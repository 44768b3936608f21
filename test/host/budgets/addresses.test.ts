import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../src/host/access/network.ts';
import { Addresses } from '../../../src/host/budgets/addresses.ts';
import { DEFAULT_LIMITS, limitsOf } from '../../../src/server/limits.ts';
import { ManualClock } from '../../helpers/clock.ts';

describe('one client', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:54321', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:54321', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['[2001:db8::1]', '2001:db8:0:0::/64'],
    ['[2001:db8::1]:443', '2001:db8:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2::3:4:5:192.0.2.1', '1:2:0:3::/64'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
  ])('at %s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  it.each(['', 'nonsense', 'x'.repeat(16_000), '1.2.3', '1.2.3.4.5', '[::1', '::g', '\n{}', '_a'])(
    'who is no address shares what one has: "%.20s"',
    (ip) => {
      expect(networkOf(ip)).toBe('unknown');
    },
  );

  it('of IPv6 is the first half of the address, however it is written', () => {
    const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, fc.nat(7), fc.nat(7), (numbers, from, to) => {
        // Runs of zeros are what `::` stands for.
        const zeroed = numbers.map((number, n) => (n >= from && n <= to ? 0 : number));
        fc.pre(zeroed.some((number, n) => n < 5 && number !== 0));
        const long = zeroed.map((number) => number.toString(16)).join(':');
        const { address } = new SocketAddress({ address: long, family: 'ipv6' });
        const network = `${long.split(':').slice(0, 4).join(':')}::/64`;
        expect(networkOf(long)).toBe(network);
        expect(networkOf(address)).toBe(network);
        expect(networkOf(`[${address}]:1`)).toBe(network);
      }),
    );
  });
});

describe('addresses', () => {
  const clock = new ManualClock(0);

  it('are the same for all connections of one client, and others for others', () => {
    const addresses = new Addresses(DEFAULT_LIMITS, clock);
    expect(addresses.of('::ffff:192.0.2.1')).toBe(addresses.of('192.0.2.1'));
    expect(addresses.of('2001:db8::1')).toBe(addresses.of('2001:db8::2'));
    expect(addresses.of('192.0.2.1')).not.toBe(addresses.of('192.0.2.2'));
    expect(addresses.size).toBe(3);
  });

  it('are forgotten when nothing need be known of them, and not before', () => {
    const addresses = new Addresses(limitsOf({ workPerSecond: 1000, workBurst: 5000 }), clock);
    const [connected, open, reading, indebted] = [1, 2, 3, 4].map((n) =>
      addresses.of(`10.0.0.${n}`),
    );
    connected!.take('connections');
    open!.take('sockets');
    reading!.take('answers');
    indebted!.pay(5000, clock.steadyMs());
    for (let n = 0; n < 30_000; n++)
      addresses.of(`2001:db8:${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}::1`);
    expect(addresses.size).toBe(30_004);

    addresses.sweep();
    expect(addresses.size).toBe(4);
    expect(addresses.of('10.0.0.4')).toBe(indebted);
    clock.passSteadily(5000);
    addresses.sweep();
    expect(addresses.size).toBe(3);
    expect(addresses.of('10.0.0.1')).toBe(connected);
    connected!.release('connections');
    open!.release('sockets');
    reading!.release('answers');
    addresses.sweep();
    expect(addresses.size).toBe(0);
  });

  it('do not grow by what is no address', () => {
    const addresses = new Addresses(DEFAULT_LIMITS, clock);
    for (let n = 0; n < 1000; n++) addresses.of(`${n}`.repeat(1000));
    expect(addresses.size).toBe(1);
  });
});

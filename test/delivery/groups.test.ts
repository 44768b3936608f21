import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wantedOf } from '../../src/core/history/wanted.ts';
import type { Encoder } from '../../src/delivery/encoder.ts';
import { type FanOutGroup, FanOutGroups } from '../../src/delivery/groups.ts';
import type { Subscription } from '../../src/delivery/subscription.ts';

const WANTED = wantedOf(['last'], [0]);
const FRAME_BYTES = 70;
/** As much of an encoder as groups look at: ten bytes a row. */
const newEncoder = () =>
  ({ rowsPerFrame: (_: unknown, frameBytes: number) => frameBytes / 10 }) as unknown as Encoder;
const json = newEncoder();
const binary = newEncoder();

describe('fan-out groups', () => {
  it('are one for the same wish and encoding, and another for any other', () => {
    const groups = new FanOutGroups(FRAME_BYTES);
    const group = groups.join(json, '*', WANTED);
    expect(group).toMatchObject({ encoder: json, ...WANTED, wantedKey: '*', rowsPerFrame: 7 });
    expect(groups.join(json, '*', WANTED)).toBe(group);
    for (const [encoder, key] of [
      [binary, '*'],
      [json, '0,1'],
    ] as const) {
      expect(groups.join(encoder, key, WANTED)).not.toBe(group);
    }
  });

  it('are forgotten with the last who is in them', () => {
    const groups = new FanOutGroups(FRAME_BYTES);
    const group = groups.join(json, '*', WANTED);
    groups.join(json, '*', WANTED);
    groups.leave(group);
    expect(groups.size).toBe(1);
    expect(groups.join(json, '*', WANTED)).toBe(group);
    groups.leave(group);
    groups.leave(group);
    expect(groups.size).toBe(0);
  });
});

describe('live members of a group', () => {
  /** As much of a subscription as groups look at. */
  function reader(group: FanOutGroup, cursor: number, id = 1): Subscription {
    return { group, cursor, id, memberIndex: -1 } as unknown as Subscription;
  }

  it('are who was attached and not detached, each with its id, slot and wire', () => {
    const step = fc.record({ isIn: fc.boolean(), who: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const groups = new FanOutGroups(FRAME_BYTES);
        const group = groups.join(json, '*', WANTED);
        const all = Array.from({ length: 8 }, (_, n) => reader(group, 5, 100 + n));
        const wires = all.map(() => ({ writableLength: 0, write: () => true }));
        const live = new Set<Subscription>();
        for (const { isIn, who } of steps) {
          const subscription = all[who]!;
          if (isIn === live.has(subscription)) continue;
          if (isIn) groups.attach(subscription, 8 * who, wires[who]!);
          else groups.detach(subscription);
          if (isIn) live.add(subscription);
          else live.delete(subscription);
          expect(new Set(group.members)).toEqual(live);
          expect(groups.live.has(group)).toBe(live.size > 0);
          for (const [n, each] of group.members.entries()) {
            const number = all.indexOf(each);
            expect(each.memberIndex).toBe(n);
            expect([group.ids[n], group.slots[n]]).toEqual([100 + number, 8 * number]);
            expect(group.wires[n]).toBe(wires[number]);
          }
        }
      }),
    );
  });

  it('take the cursor of the group with them when they are detached', () => {
    const groups = new FanOutGroups(FRAME_BYTES);
    const group = groups.join(json, '*', WANTED);
    const wire = { writableLength: 0, write: () => true };
    const [one, two] = [reader(group, 5), reader(group, 5)];
    groups.attach(one, 0, wire);
    groups.attach(two, 8, wire);
    expect(group.at).toBe(5);
    group.at = 7;
    groups.detach(one);
    expect(one).toMatchObject({ cursor: 7, memberIndex: -1 });
    groups.detach(one);
    expect(group.members).toEqual([two]);
    groups.detach(two);
    expect(groups.live.size).toBe(0);
    // The next who is attached says where the group is.
    groups.attach(reader(group, 12), 0, wire);
    expect(group.at).toBe(12);
  });
});

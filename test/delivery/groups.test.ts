import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Lane, Lanes } from '../../src/delivery/groups.ts';
import type { Subscription } from '../../src/delivery/subscription.ts';

const frame = Uint8Array.of(1);
const WANTED = { fields: ['last'], columns: [0] } as const;

describe('lanes', () => {
  it('are one for the same wish, encoding and id, and another for any other', () => {
    const lanes = new Lanes();
    const lane = lanes.join('json', 1, '*', WANTED);
    expect(lanes.join('json', 1, '*', WANTED)).toBe(lane);
    for (const [encoding, id, key] of [
      ['binary', 1, '*'],
      ['json', 2, '*'],
      ['json', 1, '0,1'],
    ] as const) {
      expect(lanes.join(encoding, id, key, WANTED)).not.toBe(lane);
    }
  });

  it('are forgotten with the last who is on them', () => {
    const lanes = new Lanes();
    const lane = lanes.join('json', 1, '*', WANTED);
    lanes.join('json', 1, '*', WANTED);
    lanes.leave(lane);
    expect(lanes.size).toBe(1);
    expect(lanes.join('json', 1, '*', WANTED)).toBe(lane);
    lanes.leave(lane);
    lanes.leave(lane);
    expect(lanes.size).toBe(0);
  });

  it('hold a frame until the turn ends', () => {
    const lanes = new Lanes();
    const lane = lanes.join('json', 1, '*', WANTED);
    for (const cursor of [4, 5]) {
      lanes.keep(lane, frame, cursor, 6);
      expect(lane).toMatchObject({ frame, cursor, head: 6 });
    }
    lanes.endTurn();
    expect(lane.frame).toBeUndefined();
    lanes.keep(lane, frame, 6, 7);
    lanes.endTurn();
    expect(lane.frame).toBeUndefined();
  });
});

describe('those in step on a lane', () => {
  /** As much of a subscription as lanes look at. */
  function walker(lane: Lane, cursor: number): Subscription {
    return { lane, cursor, step: -1 } as unknown as Subscription;
  }

  it('are who fell in and not out, each with its place and wire, and one cursor for all', () => {
    const step = fc.record({ isIn: fc.boolean(), who: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lanes = new Lanes();
        const lane = lanes.join('json', 1, '*', WANTED);
        const all = Array.from({ length: 8 }, () => walker(lane, 5));
        const wires = all.map(() => ({ writableLength: 0, write: () => true }));
        const inStep = new Set<Subscription>();
        for (const { isIn, who } of steps) {
          const subscription = all[who]!;
          if (isIn === inStep.has(subscription)) continue;
          if (isIn) lanes.fallIn(subscription, 8 * who, wires[who]!);
          else lanes.fallOut(subscription);
          if (isIn) inStep.add(subscription);
          else inStep.delete(subscription);
          expect(new Set(lane.walkers)).toEqual(inStep);
          expect(lanes.walked.has(lane)).toBe(inStep.size > 0);
          for (const [n, each] of lane.walkers.entries()) {
            expect(each.step).toBe(n);
            const number = all.indexOf(each);
            expect([lane.places[n], lane.wires[n]]).toEqual([8 * number, wires[number]]);
          }
        }
      }),
    );
  });

  it('take the cursor of the lane with them when they fall out', () => {
    const lanes = new Lanes();
    const lane = lanes.join('json', 1, '*', WANTED);
    const wire = { writableLength: 0, write: () => true };
    const [one, two] = [walker(lane, 5), walker(lane, 5)];
    lanes.fallIn(one, 0, wire);
    lanes.fallIn(two, 8, wire);
    expect(lane.at).toBe(5);
    lane.at = 7;
    lanes.fallOut(one);
    expect(one).toMatchObject({ cursor: 7, step: -1 });
    lanes.fallOut(one);
    expect(lane.walkers).toEqual([two]);
    lanes.fallOut(two);
    expect(lanes.walked.size).toBe(0);
    // The next who falls in says where the lane is.
    lanes.fallIn(walker(lane, 12), 0, wire);
    expect(lane.at).toBe(12);
  });
});

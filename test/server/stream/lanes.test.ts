import { describe, expect, it } from 'vitest';
import { Lanes } from '../../../src/server/stream/lanes.ts';

const frame = Uint8Array.of(1);

describe('lanes', () => {
  it('are one for the same wish, encoding and id, and another for any other', () => {
    const lanes = new Lanes();
    const lane = lanes.join('json', 1, '*');
    expect(lanes.join('json', 1, '*')).toBe(lane);
    for (const [encoding, id, key] of [
      ['binary', 1, '*'],
      ['json', 2, '*'],
      ['json', 1, '0,1'],
    ] as const) {
      expect(lanes.join(encoding, id, key)).not.toBe(lane);
    }
  });

  it('are forgotten with the last who is on them', () => {
    const lanes = new Lanes();
    const lane = lanes.join('json', 1, '*');
    lanes.join('json', 1, '*');
    lanes.leave(lane);
    expect(lanes.size).toBe(1);
    expect(lanes.join('json', 1, '*')).toBe(lane);
    lanes.leave(lane);
    lanes.leave(lane);
    expect(lanes.size).toBe(0);
  });

  it('hold a frame until the turn ends', () => {
    const lanes = new Lanes();
    const lane = lanes.join('json', 1, '*');
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

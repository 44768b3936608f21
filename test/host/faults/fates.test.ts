import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFaults } from '../../../src/core/faults/profile.ts';
import { Fates } from '../../../src/host/faults/fates.ts';
import { deciderOf } from '../../helpers/faults.ts';
import { marketOf } from '../../helpers/market.ts';

const market = marketOf({ seed: 1, count: 6, interval: 1000 });
const PROFILE = 'drop@20%,skew:1s@20%,corrupt@20%,stale@20%';

describe('the fate of rows', () => {
  it('is what is decided, in whatever order it is asked for', () => {
    const decider = deciderOf(market, PROFILE, 3);
    const fate = new Fates(market).of(parseFaults(`${PROFILE}:3`));
    fc.assert(
      fc.property(fc.nat(200), fc.nat(5), (index, column) => {
        expect(fate.strikes(index)).toEqual(decider.strikes(index));
        expect(fate.strikesOf(index, column)).toEqual(decider.strikesOf(index, column));
      }),
      { numRuns: 2000 },
    );
  });

  it('is one for all who have the same faults, however they are written', () => {
    const fates = new Fates(market);
    expect(fates.of(parseFaults('drop:1.0%:7'))).toBe(fates.of(parseFaults('drop@1%:7')));
    expect(fates.of(parseFaults('drop@1%:8'))).not.toBe(fates.of(parseFaults('drop@1%:7')));
  });

  it('that nobody has asked for lately is forgotten, and is the same again', () => {
    const fates = new Fates(market);
    const first = fates.of(parseFaults('drop@10%:0'));
    for (let seed = 1; seed <= 300; seed++) fates.of(parseFaults(`drop@10%:${seed}`));
    const again = fates.of(parseFaults('drop@10%:0'));
    expect(again).not.toBe(first);
    for (let index = 0; index < 100; index++) {
      expect(again.strikes(index)).toEqual(first.strikes(index));
    }
  });
});

import { describe, expect, it } from 'vitest';
import {
  checkEffects,
  describeEffect,
  isFor,
} from '../../../../src/core/market/entries/effects.ts';
import { marketOf } from '../../../helpers/market.ts';

const market = marketOf({ instruments: ['AA', { symbol: 'BB', sector: 'Metals' }] });

/** What is said of effects that are wrong. */
function problemsOf(input: unknown): readonly string[] {
  const check = checkEffects(input, market);
  return check.ok ? [] : check.problems.map(({ message }) => message);
}

describe('effects as users say them', () => {
  it('are what code works with, with what is left out filled in', () => {
    const check = checkEffects(
      [
        { kind: 'shift', percent: -10 },
        { kind: 'ramp', symbol: 'AA', after: '2s', percent: -8, over: '30s', backPercent: 50 },
        { kind: 'halt', sector: 'Metals', for: 5000 },
        { kind: 'liquidity', spread: 4, for: '1m' },
      ],
      market,
    );
    expect(check).toEqual({
      ok: true,
      effects: [
        { kind: 'shift', of: { all: true }, afterMs: 0, percent: -10 },
        {
          kind: 'ramp',
          of: { symbol: 'AA' },
          afterMs: 2000,
          percent: -8,
          overMs: 30_000,
          backPercent: 50,
          backOverMs: 1,
        },
        { kind: 'halt', of: { sector: 'Metals' }, afterMs: 0, forMs: 5000, resume: 'base' },
        {
          kind: 'liquidity',
          of: { all: true },
          afterMs: 0,
          spread: 4,
          depth: 1,
          volume: 1,
          forMs: 60_000,
        },
      ],
    });
  });

  it('are not looked at any more once many are wrong', () => {
    const wrong = { kind: 'shift', symbol: 'X', percent: 1 };
    expect(problemsOf(new Array(100).fill(wrong))).toHaveLength(10);
  });

  it('are described as they are taken back', () => {
    const said = [
      { kind: 'volatility', factor: 3, for: '10m', after: 100 },
      { kind: 'drift', percentPerDay: -2, for: '2d', sector: 'Metals' },
      { kind: 'halt', for: '30s', resume: 'frozen', symbol: 'BB' },
    ];
    const first = checkEffects(said, market);
    if (!first.ok) throw new Error('they are right');
    expect(checkEffects(first.effects.map(describeEffect), market)).toEqual(first);
  });

  it.each([
    [[], 'effects must be a list of 1 to 100 effects; given: 0 of them'],
    ['no', 'effects must be a list of 1 to 100 effects; given: no'],
    [[3], 'effects[0] must be a set of named fields; given: 3'],
    [
      [{ percent: 3 }],
      'effects[0].kind is missing: it must be one of shift, ramp, volatility, drift, halt',
    ],
    [[{ kind: 'shft', percent: 3 }], 'did you mean "shift"?'],
    [[{ kind: 'shift' }], 'effects[0].percent is missing: it must be a number'],
    [[{ kind: 'shift', percent: -100 }], 'must be a number from -99.9 to 10000; given: -100'],
    [[{ kind: 'shift', percent: 1, for: '3s' }], 'unknown field "for" of effects[0]'],
    [[{ kind: 'halt' }], 'effects[0].for is missing: it must be a duration such as 30s'],
    [[{ kind: 'halt', for: 'soon' }], 'as text such as 10m or whole milliseconds; given: soon'],
    [[{ kind: 'halt', for: '3s', resume: 'no' }], 'unknown resume "no"'],
    [[{ kind: 'shift', percent: 1, symbol: 'CC' }], 'unknown symbol "CC"'],
    [[{ kind: 'shift', percent: 1, symbol: 7 }], 'must be a symbol of the market; given: 7'],
    [[{ kind: 'shift', percent: 1, sector: 'Metal' }], 'did you mean "Metals"?'],
    [
      [{ kind: 'shift', percent: 1, symbol: 'AA', sector: 'Metals' }],
      'effects[0].sector cannot stand beside symbol: give one or the other; given: Metals',
    ],
  ])('are refused with a sentence: %j', (input, sentence) => {
    expect(problemsOf(input).join('\n')).toContain(sentence);
  });

  it('are for an instrument, a sector, or all', () => {
    const [aa, bb] = market.instruments;
    const targets = [{ all: true }, { symbol: 'AA' }, { sector: 'Metals' }] as const;
    expect(targets.map((of) => [isFor(of, aa!), isFor(of, bb!)])).toEqual([
      [true, true],
      [true, false],
      [false, true],
    ]);
  });
});

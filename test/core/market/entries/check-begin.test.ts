import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS } from '../../../../src/core/market/grid.ts';
import { checkSpec, describeSpec } from '../../../../src/core/market/spec.ts';
import { Timeline } from '../../../../src/core/timeline/timeline.ts';
import { marketOf } from '../../../helpers/market.ts';
import { expectSentence } from '../../../helpers/sentence.ts';

const SPEC = { seed: 3, origin: '2026-01-05', interval: '1s', count: 2, capacity: 100 };
const SHIFT = { at: '10s', kind: 'shift', symbol: 'ticker_0', percent: -5 };

function pricesOf(spec: object): number[][] {
  const timeline = new Timeline(marketOf({ ...SPEC, ...spec }));
  return timeline.symbols.map((_, column) => {
    const block = timeline.newPrices(BLOCK_ROWS);
    timeline.fillBlock(block, column, 0);
    return [...block.subarray(0, 100)];
  });
}

describe('a scenario in a market file', () => {
  it('is done at its time, to whom it is for', () => {
    const [[plain, other], [shifted, same]] = [pricesOf({}), pricesOf({ scenario: [SHIFT] })];
    expect(shifted.slice(0, 10)).toEqual(plain.slice(0, 10));
    for (let row = 10; row < 100; row++) expect(shifted[row]).not.toBe(plain[row]);
    expect(same).toEqual(other);
  });

  it('is part of the market id, and begins no other', () => {
    const plain = marketOf(SPEC);
    expect(marketOf({ ...SPEC, scenario: [] }).id).toBe(plain.id);
    const begun = marketOf({ ...SPEC, scenario: [SHIFT] });
    expect(begun.id).not.toBe(plain.id);
    expect(marketOf({ ...SPEC, scenario: [{ ...SHIFT, at: '11s' }] }).id).not.toBe(begun.id);
    const timeline = new Timeline(begun);
    expect([timeline.id, timeline.idAt(50), timeline.entries]).toEqual([begun.id, begun.id, []]);
  });

  it('says the same by a time, by a name, and as it is described', () => {
    const scenario = [
      { at: '2026-01-05T00:01:00Z', scenario: 'flash-crash', symbols: ['ticker_1', 'ticker_0'] },
      SHIFT,
      { at: Date.UTC(2026, 0, 5, 0, 0, 30), kind: 'halt', for: '5s' },
    ];
    const market = marketOf({ ...SPEC, scenario });
    expect(market.spec.scenario?.map(({ index }) => index)).toEqual([10, 30, 60]);
    const described = describeSpec(market.spec);
    const again = marketOf(JSON.parse(JSON.stringify(described)));
    expect(again.id).toBe(market.id);
    expect(describeSpec(again.spec)).toEqual(described);
    expect(describeSpec(marketOf(SPEC).spec)).not.toHaveProperty('scenario');
  });

  it('is done whatever comes of it later, and before', () => {
    const timeline = new Timeline(marketOf({ ...SPEC, scenario: [SHIFT] }));
    const effects = [{ kind: 'shift', of: { all: true }, afterMs: 0, percent: 5 }] as const;
    timeline.add({ key: 'a', index: 5, effects });
    const block = timeline.newPrices(BLOCK_ROWS);
    timeline.fillBlock(block, 0, 0);
    const [[plain], [begun]] = [pricesOf({}), pricesOf({ scenario: [SHIFT] })];
    expect(block[4]).toBe(plain[4]);
    expect(block[6]).toBeGreaterThan(plain[6]!);
    expect(block[20]).toBeGreaterThan(begun[20]!);
  });

  it.each([
    [{ scenario: 'flash-crash' }, 'scenario', 'flash-crash'],
    [{ scenario: [3] }, 'scenario[0]', '3'],
    [{ scenario: [{ ...SHIFT, at: undefined }] }, 'scenario[0].at', 'nothing'],
    [{ scenario: [{ ...SHIFT, at: '2025-01-01' }] }, 'scenario[0].at', '2025-01-01'],
    [{ scenario: [{ ...SHIFT, percent: -100 }] }, 'scenario[0]: percent', '-100'],
    [{ scenario: [{ ...SHIFT, symbol: 'X' }] }, 'scenario[0]: unknown symbol', 'X'],
  ])('that is wrong is told so: %j', (spec, field, given) => {
    const check = checkSpec({ ...SPEC, ...spec });
    const [problem] = check.ok ? [] : check.problems;
    const own = field.replace(/^scenario\[0\]: /, '');
    const message = problem?.message.replace(/^scenario\[0\]: /, '');
    expectSentence(message, own, given);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checksum } from '../../src/core/market/checksum.ts';
import { EFFECT_KINDS } from '../../src/core/market/entries/effects.ts';
import type { Entry } from '../../src/core/market/entries/entry.ts';
import { newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { Fold } from '../../src/core/market/models/model.ts';
import { MODEL_KINDS } from '../../src/core/market/models/parameters.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { marketOf } from '../helpers/market.ts';
import { tradingAt } from './frozen.ts';

/** What is frozen of a market to which something is done. */
interface GoldenTimeline {
  readonly spec: object;
  readonly log: string;
  readonly id: string;
  readonly [found: string]: unknown;
}

const golden: {
  readonly logs: Readonly<Record<string, readonly Entry[]>>;
  readonly timelines: readonly GoldenTimeline[];
} = JSON.parse(readFileSync(new URL('./timeline.json', import.meta.url), 'utf8'));

function foundOf({ spec, log }: Pick<GoldenTimeline, 'spec' | 'log'>) {
  const timeline = new Timeline(marketOf(spec), golden.logs[log]);
  const blocks = [0, 1, 5].map((block) => {
    const prices = timeline.newPrices(BLOCK_ROWS);
    timeline.fillBlock(prices, 0, block);
    const trades = newTrades(timeline.spec.dtype, BLOCK_ROWS);
    timeline.fillTrades(trades, 0, block);
    const fields = { last: prices, ...trades };
    return Object.fromEntries(Object.entries(fields).map(([name, list]) => [name, checksum(list)]));
  });
  const fold = new Fold();
  timeline.fold(fold, 0, 0, 100_000);
  const { open, high, low, close } = fold;
  const trading = [20_000, 100_000].map((row) => tradingAt(timeline, row));
  return { spec, log, id: timeline.id, blocks, candle: [open, high, low, close], trading };
}

describe('the frozen numbers of markets to which something is done', () => {
  it('are of every model and of every kind of effect', () => {
    const models = golden.timelines.map(({ spec }) => marketOf(spec).instruments[0].model.kind);
    expect(new Set(models)).toEqual(new Set(MODEL_KINDS));
    const kinds = Object.values(golden.logs).flatMap((log) =>
      log.flatMap(({ effects }) => effects.map(({ kind }) => kind)),
    );
    expect(new Set(kinds)).toEqual(new Set(EFFECT_KINDS));
  });

  it.each(golden.timelines)('are what the core computes: $id, $log', (expected) => {
    expect(foundOf(expected)).toEqual(expected);
  });
});

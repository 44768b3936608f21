import { deriveKeyOfText, type Key } from '../random/threefry.ts';
import { describeEffect } from './entries/effects.ts';
import { isDefaultTrading } from './instrument.ts';
import type { Spec } from './market.ts';

/** Counts changes of what a given spec's prices are. A new number is a new market, everywhere. */
export const ENGINE_VERSION = 2;

/** The letters `tickwell`, so that no other use of the generator makes the same hash. */
const ID_KEY: Key = { k0: 0x6b636974, k1: 0x6c6c6577 };

/** What is done to a market from the first; nothing is said of one without. */
function decisiveScenario({ scenario = [] }: Spec): readonly unknown[] {
  if (scenario.length === 0) return [];
  return [scenario.map(({ index, effects }) => [index, effects.map(describeEffect)])];
}

/** A hash of all that decides prices, 16 hexadecimal digits. */
export function marketId(spec: Spec): string {
  const decisive = JSON.stringify([
    ENGINE_VERSION,
    spec.seed,
    spec.grid.originMs,
    spec.grid.intervalMs,
    spec.dtype,
    spec.instruments.map(({ symbol, model, tickSize, startTicks, sector, trading, calendar }) => {
      const { kind, ...parameters } = model;
      const { spreadTicks, tradesPerDay, lotsPerTrade } = trading;
      return [
        ...[symbol, tickSize, startTicks, kind],
        // It was a parameter of this model alone when markets began to be known by their ids.
        ...Object.entries(parameters).flatMap(([name, value]) =>
          name === 'intraday' ? [calendar, value] : [value],
        ),
        ...(kind === 'market' ? [sector] : calendar === 'always' ? [] : [calendar]),
        // Markets were known by their ids before there were trades: the default ones are not named.
        ...(isDefaultTrading(trading) ? [] : [spreadTicks, tradesPerDay, lotsPerTrade]),
      ];
    }),
    ...decisiveScenario(spec),
  ]);
  const { k0, k1 } = deriveKeyOfText(ID_KEY, decisive);
  return [k0, k1].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

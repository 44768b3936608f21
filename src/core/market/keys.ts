import { deriveKey, deriveKeyOfText, type Key, keyOfSeed } from '../random/threefry.ts';
import type { Spec } from './market.ts';
import { PURPOSE } from './models/purpose.ts';

/** The key of one instrument: of the seed and its symbol, so that its neighbours do not matter. */
export function keyOfInstrument(seed: number, symbol: string): Key {
  return deriveKeyOfText(keyOfSeed(seed), symbol);
}

/** The key of how an instrument of a market is traded. */
export function tradeKeyOf({ seed, instruments }: Spec, column: number): Key {
  const { symbol } = instruments[column]!;
  return deriveKey(keyOfInstrument(seed, symbol), PURPOSE.trade, 0);
}

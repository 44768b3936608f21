import type { Effect } from './effects.ts';

/** What was done to a market: one or more effects, all of them or none. */
export interface Entry {
  /** Its client's, or one made for it: the same key is the same entry for ever. */
  readonly key: string;
  /** The first row that it changes, or may. */
  readonly index: number;
  /** Of a scenario. */
  readonly name?: string;
  readonly effects: readonly Effect[];
}

/** The keys that there may be. */
export const KEY = /^[A-Za-z0-9._:-]{1,64}$/;

import { Decider } from '../../src/core/faults/decider.ts';
import { OWN_NAMES, parseProfile } from '../../src/core/faults/profile.ts';
import type { Market } from '../../src/core/market/market.ts';

/** What is done to the rows of a market under a profile, as the core decides it. */
export function deciderOf({ grid, symbols }: Market, text: string, seed: number): Decider {
  return new Decider({ profile: parseProfile(text, OWN_NAMES), seed }, grid, symbols);
}

/**
 * The rows `[from, next)` in the order in which a reader that was there gets them, who is sent no
 * row behind `next`: dropped, twice, after the next one.
 */
export function rowsThatCome(decider: Decider, from: number, next: number): number[] {
  const rows: number[] = [];
  let held: number[] | undefined;
  for (let index = from; index < next; index++) {
    const kinds = decider.strikes(index).map(({ kind }) => kind);
    if (kinds.includes('drop')) continue;
    const copies = kinds.includes('duplicate') ? [index, index] : [index];
    if (kinds.includes('reorder') && held === undefined) {
      held = copies;
      continue;
    }
    rows.push(...copies, ...(held ?? []));
    held = undefined;
  }
  return rows;
}

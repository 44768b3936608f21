/** What changed between the books of two rows: by it, one is made the other. */
import type { BookSide, Depth } from './book.ts';

/** Levels that changed, those of bids first; of each side the best one first. */
export interface BookDifferences {
  readonly isBid: Uint8Array;
  readonly ticks: Float64Array;
  /** What waits there now; 0 where nothing does. */
  readonly lots: Float64Array;
  changes: number;
}

/** Room for what two books of `levels` levels a side can differ by. */
export function newBookDifferences(levels: number): BookDifferences {
  const most = 4 * levels;
  return {
    isBid: new Uint8Array(most),
    ticks: new Float64Array(most),
    lots: new Float64Array(most),
    changes: 0,
  };
}

/** Fills `out` with how `now` differs from `before`. 1 us for 20 levels. */
export function fillBookDifferences(out: BookDifferences, before: Depth, now: Depth): void {
  out.changes = 0;
  addSide(out, before.bids, now.bids, true);
  addSide(out, before.asks, now.asks, false);
}

function addSide(out: BookDifferences, before: BookSide, now: BookSide, isBid: boolean): void {
  let old = 0;
  let own = 0;
  while (old < before.levels || own < now.levels) {
    // Which comes first, seen from the market.
    const ahead = aheadOf(before, old, now, own, isBid);
    if (ahead > 0) add(out, isBid, before.ticks[old]!, 0);
    else if (ahead < 0 || before.lots[old] !== now.lots[own]) {
      add(out, isBid, now.ticks[own]!, now.lots[own]!);
    }
    if (ahead >= 0) old += 1;
    if (ahead <= 0) own += 1;
  }
}

/** Above 0 if the level of before is nearer to the market, 0 if they are at the same price. */
function aheadOf(
  before: BookSide,
  old: number,
  now: BookSide,
  own: number,
  isBid: boolean,
): number {
  if (old === before.levels) return -1;
  if (own === now.levels) return 1;
  const apart = now.ticks[own]! - before.ticks[old]!;
  return isBid ? -apart : apart;
}

function add(out: BookDifferences, isBid: boolean, ticks: number, lots: number): void {
  const at = out.changes;
  out.isBid[at] = isBid ? 1 : 0;
  out.ticks[at] = ticks;
  out.lots[at] = lots;
  out.changes += 1;
}

import type { Decider } from '../../core/faults/decider.ts';
import { type LedgerEntry, type LedgerWork, ledger } from '../../core/faults/ledger.ts';
import type { History } from '../../core/history/history.ts';
import type { FaultsQuery } from './http/queries.ts';
import type { Limits } from './limits.ts';
import { rowBehind, untilRow } from './requests.ts';

/** Which strikes are asked for. What is wrong throws a `TickwellError`. */

/** Rows whose strikes are asked for: those `[from, next)`, some of which may be still to come. */
export interface LedgerRange {
  readonly from: number;
  readonly next: number;
  /** The most strikes, but for those of one row alone. */
  readonly most: number;
  /** The index after the newest row; undefined if the end was named. */
  readonly head: number | undefined;
}

/** The rows that are asked for, cut to what one answer may look at. */
export function ledgerRangeOf(
  { market, head }: History,
  limits: Limits,
  { since, until, limit }: FaultsQuery,
  { draws }: LedgerWork,
): LedgerRange {
  const from = rowBehind(market, head, since);
  const end = until === undefined ? Math.max(from, head) : untilRow(market, head, from, until);
  const fitting = Math.max(1, Math.floor(limits.maxDrawsPerAnswer / Math.max(1, draws)));
  const next = draws === 0 ? end : Math.min(end, from + fitting);
  const most = Math.min(limit ?? limits.maxStrikesPerAnswer, limits.maxStrikesPerAnswer);
  return { from, next, most, head: until === undefined ? head : undefined };
}

/** Strikes on the rows up to `next`, where the answer ends. */
export interface ReadStrikes {
  readonly entries: readonly LedgerEntry[];
  readonly next: number;
}

/** Reads the strikes of a range: all of a row or none, so that the next call goes on behind it. */
export function* readStrikes(
  decider: Decider,
  columns: readonly number[],
  { from, next, most }: LedgerRange,
): Generator<void, ReadStrikes, void> {
  const entries: LedgerEntry[] = [];
  for (const found of ledger(decider, columns, from, next)) {
    for (const entry of found) entries.push(entry);
    const cut = cutOf(entries, most);
    if (cut !== undefined) return { entries: entries.slice(0, cut), next: entries[cut]!.index };
    yield;
  }
  return { entries, next };
}

/** How many entries are of whole rows, where there are more than `most`; at least those of one. */
function cutOf(entries: readonly LedgerEntry[], most: number): number | undefined {
  if (entries.length <= most) return undefined;
  const { index } = entries[most]!;
  const first = entries.findIndex((entry) => entry.index === index);
  if (first > 0) return first;
  const behind = entries.findIndex((entry) => entry.index > index);
  return behind < 0 ? undefined : behind;
}

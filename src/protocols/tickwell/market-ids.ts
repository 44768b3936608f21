import type { History } from '../../core/history/history.ts';
import { timeOf } from '../../core/market/grid.ts';
import { quoted } from '../../core/market/quoted.ts';
import { formatTime } from '../../core/market/time.ts';
import { TickwellError } from '../../wire/errors.ts';

/** What is asked about ids: a timeline, and how much of it is readable. */
type Chained = Pick<History, 'timeline' | 'head'>;

/**
 * The market ids that requests name and answers say. An id speaks for the rows before the entry
 * that ended it, and for no others: a server without that entry has it too, with other rows there.
 */

/** The id that is in force at the newest row. */
export function newestId({ timeline, head }: Chained): string {
  return timeline.idAt(head - 1);
}

/** The id that a request names, if it does. Throws if it is none of this market's. */
export function namedId(history: Chained, id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if (typeof id !== 'string') {
    throw new TickwellError('bad_request', `market must be a market id; given: ${quoted(id)}`);
  }
  if (history.timeline.endOf(id) !== undefined) return id;
  const newest = newestId(history);
  const rule = `market must be ${newest}, the one served here`;
  throw changed(`${rule}; given: ${quoted(id)}`, newest);
}

/**
 * Throws unless the named id speaks for all rows before `next`: those that its reader has, or is to
 * be given without saying which it has.
 */
export function checkSpeaks(history: Chained, named: string | undefined, next: number): void {
  if (named === undefined || speaksFor(history, named, next)) return;
  const { timeline } = history;
  const newest = newestId(history);
  const end = timeline.endOf(named) ?? 0;
  const endMs = formatTime(timeOf(timeline.grid, end));
  const rule = `market must be ${newest} from the row of ${endMs} on`;
  throw changed(`${rule}; given: ${quoted(named)}, which ends there`, newest);
}

/** The row up to which a reader has all that goes on from row `from`; who begins now has none. */
export function hadRows(since: unknown, from: number): number {
  return since === 'now' ? 0 : from;
}

/** Whether an id speaks for all rows before `next`. */
export function speaksFor({ timeline }: Chained, id: string | undefined, next: number): boolean {
  return id !== undefined && (timeline.endOf(id) ?? -1) >= next;
}

/**
 * The id that an answer says whose last row is the one before `next`: that in force there, or the
 * newer one that it was asked with.
 */
export function saidId(history: Chained, named: string | undefined, next: number): string {
  if (named !== undefined && speaksFor(history, named, next)) return named;
  return history.timeline.idAt(next - 1);
}

function changed(sentence: string, market: string): TickwellError {
  return new TickwellError('market_changed', sentence, { market });
}

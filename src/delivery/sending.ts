import type { Timeline } from '../core/timeline/timeline.ts';
import type { Service } from '../host/service.ts';
import type { Connection } from './connection.ts';
import type { DeliveryTimes } from './delivery-times.ts';
import type { Frame } from './encoder.ts';
import { whenBroken } from './promised.ts';
import type { Subscription } from './subscription.ts';

export interface SendOptions {
  readonly service: Service;
  readonly times: DeliveryTimes;
  /** Ends a connection for which something failed. */
  readonly failed: (connection: Connection, error: unknown) => void;
}

/** The row that a late subscription goes on with: the newest, if it wants no other. */
export function nextOf({ cursor, delivery }: Subscription, head: number): number {
  return delivery === 'latest' ? Math.max(cursor, head - 1) : cursor;
}

/** What a frame holds: the rows `[from, next)`, or candles told after them. */
export interface Part {
  readonly from: number;
  readonly next: number;
  /** How many candles, if it is of candles. */
  readonly candles?: number;
  /** Of books: rows of which it tells nothing. Default: 0. */
  readonly leftOut?: number;
  /** Of single trades: how many. */
  readonly trades?: number;
}

/** What a part counts as. */
export function countsOf(part: Part): Counts {
  const { from, next, candles, trades, leftOut = 0 } = part;
  if (trades !== undefined) return { rows: 0, candles: 0, trades };
  if (candles !== undefined) return { rows: 0, candles, trades: 0 };
  return { rows: next - from - leftOut, candles: 0, trades: 0 };
}

/**
 * The market id that who has the rows before `cursor` must hear before it is sent some before
 * `next`; undefined if it knows it.
 */
export function newIdOf(timeline: Timeline, cursor: number, next: number): string | undefined {
  return timeline.nextChange(cursor - 1) < next ? timeline.idAt(next - 1) : undefined;
}

/** What is sent, counted. */
interface Counts {
  readonly rows: number;
  readonly candles: number;
  readonly trades: number;
}

/**
 * Sends the rows `[from, next)`, says which are left out before them, and of which market id they
 * are if that is new; moves the cursor. Every
 * subscription with a cursor of its own is sent to here. Live members share that of their group,
 * which `FanOut` moves.
 */
export function send(
  { service: { metrics, feed }, times, failed }: SendOptions,
  subscription: Subscription,
  frame: Frame,
  part: Part,
): void {
  const { from, next } = part;
  const { cursor, connection, id, group } = subscription;
  const market = newIdOf(feed.timeline, cursor, next);
  if (market !== undefined) {
    // First: with the old one nobody can go on behind what is left out.
    const frame = group.encoder.marketFrame?.(id, market, cursor);
    if (frame !== undefined) connection.outlet.send(frame, { isData: false });
  }
  if (from > cursor) {
    const said = connection.sendSkipped(id, cursor, from);
    whenBroken(said, (error) => failed(connection, error));
    metrics.skippedRows += from - cursor;
  }
  metrics.skippedRows += part.leftOut ?? 0;
  // Who has just come, or come back, was not there when they were due.
  const wasLive = subscription.isLive;
  subscription.cursor = next;
  subscription.hasBook = true;
  subscription.isLive = next >= feed.head;
  if (subscription.isLive) subscription.hasBegun = true;
  // Of some rows there is nothing to tell.
  if (frame.length === 0) return;
  const told = { subscription, from: cursor, next };
  connection.outlet.send(frame, { ...countsOf(part), told });
  if (wasLive) times.wrote(group.encoder.name, part, 1);
}

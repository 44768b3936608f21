import type { Service } from '../host/service.ts';
import type { Frame } from './encoder.ts';
import type { Subscription } from './subscription.ts';

/** The row that a late subscription goes on with: the newest, if it wants no other. */
export function nextOf({ cursor, delivery }: Subscription, head: number): number {
  return delivery === 'latest' ? Math.max(cursor, head - 1) : cursor;
}

/**
 * Sends the rows `[from, next)`, says which are left out before them, and moves the cursor. Every
 * subscription with a cursor of its own is sent to here. Live members share that of their group,
 * which `FanOut` moves.
 */
export function send(
  { metrics }: Service,
  subscription: Subscription,
  frame: Frame,
  [from, next]: readonly [from: number, next: number],
): void {
  const { cursor, connection, id } = subscription;
  if (from > cursor) {
    connection.sendSkipped(id, cursor, from);
    metrics.skippedRows += from - cursor;
  }
  subscription.cursor = next;
  connection.outlet.send(frame, { rows: next - from });
}

import { sinceOf } from '../../../core/market/grid.ts';
import type { Hub } from '../../../delivery/hub.ts';
import type { HelloMessage } from '../../../wire/messages.ts';

/** What every stream is told first. */
export function helloOf({ market, history, service }: Hub): HelloMessage {
  const { clock, version, limits } = service;
  const { originMs, intervalMs } = market.grid;
  return {
    type: 'hello',
    market: market.id,
    version,
    origin: originMs,
    interval: intervalMs,
    head: sinceOf(market.grid, history.head),
    now: clock.nowMs(),
    heartbeat: limits.heartbeatMs,
    limits,
  };
}

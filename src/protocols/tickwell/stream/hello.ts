import type { Faults } from '../../../core/faults/profile.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { FaultsSaid } from '../../../wire/faults-said.ts';
import type { HelloMessage } from '../../../wire/messages.ts';
import { type TickwellHub, toldLimits } from '../limits.ts';
import { newestId } from '../market-ids.ts';

/** The faults of a connection, as it is told them. */
export function saidFaults({ profile, seed }: Faults): FaultsSaid {
  return { profile: profile.text, seed };
}

/** What every stream is told first. */
export function helloOf({ market, history, service }: TickwellHub, faults?: Faults): HelloMessage {
  const { clock, version, limits } = service;
  const told = toldLimits(service).map(({ name, value }) => [name, value]);
  const { originMs, intervalMs } = market.grid;
  return {
    type: 'hello',
    market: newestId(history),
    version,
    origin: originMs,
    interval: intervalMs,
    head: sinceOf(market.grid, history.head),
    ...clock.told,
    heartbeat: limits.heartbeatMs,
    limits: Object.fromEntries(told),
    ...(faults === undefined ? {} : { faults: saidFaults(faults) }),
  };
}

import { TickwellError } from '../wire/errors.ts';
import type { Service } from './service.ts';

/** Advice for a client of HTTP, as `Retry-After` gives it; a stream gives each its own time. */
const IN_A_SECOND = '; try again in a second';

/** Throws while the ring is still being filled; with `advice` for whoever asked. */
export function checkReady(service: Service, advice = IN_A_SECOND): void {
  if (service.isReady()) return;
  const progress = percentOf(service) / 100;
  throw new TickwellError('not_ready', fillingReason(service) + advice, { progress });
}

/** Why rows do not flow while the ring is still being filled. */
export function fillingReason(service: Service): string {
  return `${percentOf(service)} % of the newest rows are made`;
}

function percentOf({ progress }: Service): number {
  return Math.floor(progress() * 100);
}

/** Throws while rows do not flow, because the clock is behind them. */
export function checkFlowing({ wait }: Service): void {
  if (!wait.isLong) return;
  const waitMs = Math.round(wait.ms);
  throw new TickwellError(
    'not_ready',
    `the server's clock was set back; rows flow again in ${Math.ceil(waitMs / 1000)} s`,
    { nextRow: wait.nextRowMs, waitMs },
  );
}

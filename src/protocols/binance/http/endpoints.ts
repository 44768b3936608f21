import type { BinanceParts } from '../parts.ts';
import { timeIn } from '../time-unit.ts';
import type { Endpoint } from './endpoint.ts';
import { exchangeInfo } from './exchange-info.ts';

/** All that can be asked for, whatever the transport. */
export function endpointsOf(parts: BinanceParts): readonly Endpoint[] {
  return [ping(), time(parts), exchangeInfo(parts)];
}

function ping(): Endpoint {
  return { path: 'ping', weight: () => 1, answer: () => ({ body: {} }) };
}

function time({ service: { clock } }: BinanceParts): Endpoint {
  return {
    path: 'time',
    weight: () => 1,
    answer: ({ unit }) => ({ body: { serverTime: timeIn(unit, clock.nowMs()) } }),
  };
}

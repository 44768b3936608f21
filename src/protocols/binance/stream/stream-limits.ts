import { namingCost } from '../../../host/budgets/cost.ts';
import { TickwellError } from '../../../wire/errors.ts';

/** Following a stream: what is kept for it, and is looked at when the head moves, for long. */
const FOLLOWING_COST = 100_000;

/** Looking up so many names of streams, and following them. */
export function followingCost(streams: number): number {
  return namingCost(streams) + streams * FOLLOWING_COST;
}

export function tooManyStreams(limit: number, given: number): TickwellError {
  const rule = `a connection follows at most ${limit} streams`;
  return new TickwellError('too_many', `${rule}; given: ${given}`, { limit });
}

import { TickwellError } from '../../wire/errors.ts';
import type { ClockWish, Director, Turned } from './director.ts';

/** Changes the time of a market, where that can be. Rejects with a `TickwellError`. */
export async function turnClock(director: Director, wish: ClockWish): Promise<Turned> {
  if (director.turn !== undefined) return director.turn(wish);
  throw new TickwellError(
    'not_ready',
    'the time of a market with several workers cannot be changed',
  );
}

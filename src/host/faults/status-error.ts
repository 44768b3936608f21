import type { Strike } from '../../core/faults/strike.ts';
import { TickwellError } from '../../wire/errors.ts';

/** The error that an answer is instead of itself, of which nothing is true but its status. */
export function statusError({ code, retryAfterS }: Extract<Strike, { kind: 'status' }>) {
  const again = retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1000 };
  switch (code) {
    case 429:
      return new TickwellError('rate_limited', 'too much was asked for; ask again later', again);
    case 503:
      return new TickwellError('not_ready', 'the server is not ready; ask again later', again);
    default:
      return new TickwellError('internal', 'the server failed; ask again');
  }
}

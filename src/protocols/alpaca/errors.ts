import { ERRORS, TickwellError } from '../../wire/errors.ts';

/** Nobody is refused for what a key is, but who has none is told so. */
export class Unauthorised extends TickwellError {
  constructor() {
    super('bad_request', 'unauthorized');
  }
}

/** Its clients read the status, and one sentence. */
export function encodeError(error: TickwellError) {
  const { code, message } = error;
  const body = JSON.stringify({ message });
  return { contentType: 'application/json; charset=utf-8', body, status: statusOf(error, code) };
}

function statusOf(error: TickwellError, code: keyof typeof ERRORS): number {
  if (error instanceof Unauthorised) return 401;
  // A symbol is part of what is asked, not a place.
  return code === 'unknown_symbol' ? 400 : ERRORS[code].status;
}

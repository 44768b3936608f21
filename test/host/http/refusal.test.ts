import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { refuseOn } from '../../../src/host/http/refusal.ts';
import { type ErrorCode, type ErrorDetails, TickwellError } from '../../../src/wire/errors.ts';

it.each<[ErrorCode, ErrorDetails, string | undefined]>([
  ['rate_limited', { retryAfterMs: 1001 }, '2'],
  ['not_ready', { progress: 0.5 }, '1'],
  ['not_ready', { nextRow: 0, waitMs: 3_600_000 }, '3600'],
  ['bad_request', {}, undefined],
])(
  'a socket that is refused with %s %o is told to come back after %s s',
  async (code, details, seconds) => {
    const socket = new PassThrough();
    refuseOn(socket, new TickwellError(code, 'no', details));
    expect(/^retry-after: (.+)\r$/m.exec(await text(socket))?.[1]).toBe(seconds);
  },
);

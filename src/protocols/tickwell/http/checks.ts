import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { GRADED } from '../../../core/grading/truth.ts';
import { quoted } from '../../../core/market/quoted.ts';
import { unknownName } from '../../../core/market/unknown.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { PRICE_NOTATIONS, TIME_NOTATIONS } from '../../../wire/notation.ts';
import { GRADED_FORMATS } from '../formats/format.ts';

const WHOLES = ['fromId', 'limit', 'last', 'count', 'points', 'span', 'rows', 'levels'];

/**
 * Checks what the schema of a query cannot say: it would take a space for 0, 0x10 for 16 and 1e400
 * for infinitely many. Says what the answer to a right query depends on beside it.
 */
export function checkQuery(formats: readonly string[]) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const query = request.query as Readonly<Record<string, unknown>>;
    // In lower case @fastify/compress finds its own.
    const isNamed = query.format !== undefined || formats.length === 1;
    void reply.header('vary', isNamed ? 'accept-encoding' : 'accept, accept-encoding');
    for (const field of WHOLES) {
      const value = query[field];
      if (typeof value === 'string') checkWhole(field, value);
    }
    if (query.whole !== undefined) checkFlag('whole', query.whole);
    if (query.format !== undefined) checkOneOf('format', 'format', formats, query.format);
    if (query.prices !== undefined)
      checkOneOf('prices', 'notation of prices', PRICE_NOTATIONS, query.prices);
    if (query.time !== undefined)
      checkOneOf('time', 'notation of time', TIME_NOTATIONS, query.time);
    done();
  };
}

/** The same of `POST /v1/grade`, whose format is that of its body. */
export function checkGradeQuery(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  const { what, held, prices, format } = request.query as Readonly<Record<string, unknown>>;
  if (what !== undefined) checkOneOf('what', 'kind', GRADED, what);
  if (held !== undefined) checkFlag('held', held);
  if (prices !== undefined) checkOneOf('prices', 'notation of prices', PRICE_NOTATIONS, prices);
  if (format !== undefined) checkOneOf('format', 'format', GRADED_FORMATS, format);
  done();
}

function checkWhole(field: string, value: string): void {
  if (/^-?\d{1,15}$/.test(value)) return;
  throw new TickwellError(
    'bad_request',
    `${field} must be a whole number of at most 15 digits; given: ${quoted(value)}`,
  );
}

function checkFlag(field: string, value: unknown): void {
  if (value === 'true' || value === 'false') return;
  throw new TickwellError('bad_request', `${field} must be true or false; given: ${quoted(value)}`);
}

function checkOneOf(field: string, kind: string, known: readonly string[], value: unknown): void {
  if (typeof value === 'string') {
    if (known.includes(value)) return;
    throw new TickwellError('bad_request', unknownName({ kind, name: value, known }));
  }
  const rule = `${field} must be ${known.join(', ').replace(/, (\w+)$/, ' or $1')}`;
  throw new TickwellError('bad_request', `${rule}; given: ${quoted(value)}`);
}

import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { inQuotes, quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import { readingCost } from '../budgets/cost.ts';
import { payerOf } from '../budgets/work.ts';
import type { Service } from '../service.ts';
import { leaveToRoute } from './uploads.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How long a body of JSON may be that it takes, in bytes; undefined if it takes none. */
    maxJsonBytes?: number;
  }
}

/** Has routes take no body, unless they say so: whatever comes is not looked at then. */
export function ignoreBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, body, done) => {
    if (!leaveToRoute(request)) body.resume();
    done(null);
  });
}

/**
 * Has all routes of `scope` take bodies of JSON of up to `maxBytes`, or up to `maxBodyBytes` of the
 * limits if that is less. What they cost to read is paid before they are. To be called before there
 * are routes. Throws a `RangeError` on an invalid length.
 */
export function takeJson(scope: FastifyInstance, service: Service, maxBytes: number): void {
  if (!Number.isInteger(maxBytes) || maxBytes < 1) {
    throw new RangeError(`maxJsonBytes must be a whole number from 1; given: ${quoted(maxBytes)}`);
  }
  const maxJsonBytes = Math.min(maxBytes, service.limits.maxBodyBytes);
  const pay = payerOf(service);
  // It knows of names that would change what all objects are.
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    checkEncoding(request);
    pay(request)(readingCost(Buffer.byteLength(text)));
    let [problem, parsed]: [Error | null, unknown] = [null, undefined];
    // It comes back at once; what is done with its result is no business of it.
    void parse(request, text, (error, value) => {
      problem = error;
      parsed = value;
    });
    if (problem === null) done(null, parsed);
    else done(new TickwellError('bad_json', `${jsonRule(text)}; given: ${quoted(text)}`));
  });
  scope.addHook('onRoute', (route) => {
    const bodyLimit = Math.min(route.bodyLimit ?? maxJsonBytes, maxJsonBytes);
    Object.assign(route, { bodyLimit, config: { ...route.config, maxJsonBytes: bodyLimit } });
  });
}

/** What a body breaks that cannot be read. */
function jsonRule(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return 'the body must be JSON';
  }
  return 'the body must have no field "__proto__", nor a "constructor" with a "prototype"';
}

function checkEncoding({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return;
  const rule = 'the body must come as it is, without Content-Encoding';
  throw new TickwellError('unsupported_media_type', `${rule}; given: ${quoted(encoding)}`);
}

/** What is said of a body that a route does not take; undefined if that is not what is wrong. */
export function bodyProblem(
  { code }: FastifyError,
  { headers, routeOptions: { config } }: FastifyRequest,
): TickwellError | undefined {
  const { maxJsonBytes } = config;
  if (maxJsonBytes === undefined) return undefined;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      const given = headers['content-length'] ?? 'more';
      const rule = `the body must be of at most ${maxJsonBytes} bytes`;
      return new TickwellError('body_too_large', `${rule}; given: ${given}`);
    }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': {
      const type = headers['content-type'];
      const given = type === undefined ? 'none' : inQuotes(type);
      const rule = 'Content-Type of the body must be application/json';
      return new TickwellError('unsupported_media_type', `${rule}; given: ${given}`);
    }
    default:
      return undefined;
  }
}

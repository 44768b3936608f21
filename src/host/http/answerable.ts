import type { FastifyError, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import { clientErrorOf } from '../refused.ts';
import { bodyProblem } from './bodies.ts';
import { versionProblem } from './head.ts';
import type { NotFound } from './paths.ts';

/** What to tell a client of an error: never more than the sentence that is meant for it. */
export function answerable(
  error: FastifyError | TickwellError,
  request: FastifyRequest,
  notFound: NotFound,
): TickwellError {
  if (error instanceof TickwellError) return error;
  const { method, url, raw } = request;
  // Methods of other protocols meet no hook.
  const foreign = versionProblem(raw);
  if (foreign !== undefined) return foreign;
  const problem = error.validation?.[0];
  if (problem !== undefined) return invalid(problem, error.validationContext, request);
  const body = bodyProblem(error, request);
  if (body !== undefined) return body;
  if (error.code === 'FST_ERR_BAD_URL') {
    const rule = 'the path must be that of a URL, percent-encoded UTF-8';
    return new TickwellError('bad_request', `${rule}; given: ${method} ${quoted(url)}`);
  }
  // Who takes no body looks at none: where its type matters there is no route.
  if (error.statusCode === 403 || CONTENT_TYPE_ERROR.test(error.code ?? '')) {
    return notFound({ method, url });
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    const reason = quoted(error.message);
    return new TickwellError('bad_request', `the request cannot be answered: ${reason}`);
  }
  return clientErrorOf(error);
}

/** The part of a request that a schema does not allow, as a sentence. */
function invalid(
  problem: FastifySchemaValidationError,
  context: FastifyError['validationContext'],
  { query, params, headers, body, routeOptions: { schema } }: FastifyRequest,
): TickwellError {
  const missing = problem.params.missingProperty as string | undefined;
  const names = problem.instancePath.split('/').slice(1).map(unescaped);
  if (missing !== undefined) {
    return new TickwellError('bad_request', `${[...names, missing].join('.')} is missing`);
  }
  const [part, known] =
    context === 'body'
      ? [body, undefined]
      : context === 'params'
        ? [params, schema?.params]
        : context === 'headers'
          ? [headers, schema?.headers]
          : [query, schema?.querystring];
  const field = names.join('.');
  const given = names.reduce<unknown>((whole, name) => Object(whole)[name], part);
  const rule = ruleOf(problem, known as Query | undefined, field);
  return new TickwellError(
    'bad_request',
    `${field || 'the body'} ${rule}; given: ${quoted(given)}`,
  );
}

/** A name in a path of JSON. Source: RFC 6901, section 4. */
function unescaped(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}

const CONTENT_TYPE_ERROR = /^FST_ERR_(CTP|ROUTE_MISSING_CONTENT_TYPE)/;

/** The part of a route's schema that says what numbers its parameters may be. */
interface Query {
  readonly properties: Readonly<Record<string, { minimum?: number; maximum?: number }>>;
}

/** What a parameter must be: of numbers both bounds, whichever of them was broken. */
function ruleOf(problem: FastifySchemaValidationError, query: Query | undefined, field: string) {
  const { minimum, maximum } = query?.properties[field] ?? {};
  if (minimum === undefined || maximum === undefined) return problem.message ?? 'is wrong';
  return `must be a whole number from ${minimum} to ${maximum}`;
}

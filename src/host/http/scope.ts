import type { FastifyInstance, RouteOptions } from 'fastify';
import { inQuotes } from '../../core/market/quoted.ts';
import type { Service } from '../service.ts';
import { takeJson } from './bodies.ts';
import type { ErrorEncoder } from './refusal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The protocol that it is of, if any. */
    protocol?: string | undefined;
    /** Whether pages of other origins may read its answers, refusals too. */
    isForOtherOrigins?: boolean;
    /** Whether it refuses parameters that its schema does not name, and those given twice. */
    isStrict?: boolean;
    /** How its errors are written, if not as our own. */
    encodeError?: ErrorEncoder | undefined;
  }
}

/** What holds for all routes of a protocol, unless one says otherwise for itself. */
export interface RouteRules {
  /** The protocol that its answers are counted for. Default: none. */
  readonly name?: string;
  /** Whether pages of other origins may read its answers, refusals too. Default: they may not. */
  readonly isForOtherOrigins?: boolean;
  /** Whether parameters that a route does not know are refused. Default: they are ignored. */
  readonly isStrict?: boolean;
  /** Whether its routes are in the document of the whole application. Default: they are not. */
  readonly isDocumented?: boolean;
  /**
   * Paths such as `/api/v3` that are the protocol's own, with all below: what is refused there
   * before a route is found is written by `encodeError` too. Default: none.
   */
  readonly prefixes?: readonly string[];
  /**
   * How long a body of JSON may be that its routes take, up to the limit `maxBodyBytes`. Default:
   * they take none, and do not look at what comes.
   */
  readonly maxJsonBytes?: number;
  /** How its errors are written. Default: as our own. */
  readonly encodeError?: ErrorEncoder | undefined;
}

/**
 * Has `addRoutes` add routes for which `rules` hold, and waits for it. Rejects with a `RangeError`
 * where they would leave the checks that all requests pass.
 */
export async function addScope(
  app: FastifyInstance,
  service: Service,
  rules: RouteRules,
  addRoutes: (scope: FastifyInstance) => void | Promise<void>,
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRoute', ruled(scope, rules));
    if (rules.maxJsonBytes !== undefined) takeJson(scope, service, rules.maxJsonBytes);
    refuseOwn(scope, 'addContentTypeParser', OWN_BODIES);
    await addRoutes(scope);
  });
}

/**
 * Has `add` add to the application itself, to see the routes of all; for those that it adds `rules`
 * hold. Rejects as `addScope` does.
 */
export async function addToAll(
  app: FastifyInstance,
  rules: RouteRules,
  add: (app: FastifyInstance) => Promise<void>,
): Promise<void> {
  const rule = ruled(app, rules);
  let isAdding = true;
  app.addHook('onRoute', (route) => {
    if (isAdding) rule(route);
  });
  const { addContentTypeParser } = app;
  refuseOwn(app, 'addContentTypeParser', OWN_BODIES);
  await add(app);
  // What it has registered without waiting for it.
  await app.after();
  Object.assign(app, { addContentTypeParser });
  isAdding = false;
}

/** Makes rules hold for each route that it is told of. */
function ruled(scope: FastifyInstance, rules: RouteRules): (route: RouteOptions) => void {
  const { isForOtherOrigins = false, isStrict = false, isDocumented = false, encodeError } = rules;
  const config = {
    protocol: rules.name,
    ...{ isForOtherOrigins, isStrict, encodeError },
    ...(isForOtherOrigins ? {} : { cors: false }),
  };
  const routes: RouteOptions[] = [];
  // Hooks of the protocol's own may change them later.
  scope.addHook('onReady', async () => routes.forEach(refuseProbe));
  return (route) => {
    refuseProbe(route);
    route.config = { ...config, ...route.config };
    if (!isDocumented) route.schema = { hide: true, ...route.schema };
    routes.push(route);
  };
}

/** Probes are free, and are let in under whatever name: whether we are well is all they tell. */
function refuseProbe({ method, url, config }: RouteOptions): void {
  if (config?.isProbe === undefined) return;
  const rule = 'a route of a protocol must be paid and checked as all are, without isProbe';
  throw new RangeError(`${rule}; given: ${[method].flat().join(', ')} ${inQuotes(url)}`);
}

const OWN_BODIES = 'say by maxJsonBytes which bodies it takes';
const OWN_ERRORS = 'write its errors by encodeError';

/** Has all errors answered as they are now, for whatever is added later. */
export function keepErrorHandler(app: FastifyInstance): void {
  refuseOwn(app, 'setErrorHandler', OWN_ERRORS);
}

/** Refuses what a protocol would do for itself past the house. */
function refuseOwn(
  scope: FastifyInstance,
  name: 'setErrorHandler' | 'addContentTypeParser',
  rule: string,
): void {
  scope[name] = () => {
    throw new RangeError(`a protocol must ${rule}; given: ${name}`);
  };
}

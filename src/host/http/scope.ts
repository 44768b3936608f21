import type { FastifyInstance } from 'fastify';
import type { ErrorEncoder } from './refusal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
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
  /** Whether pages of other origins may read its answers, refusals too. Default: they may not. */
  readonly isForOtherOrigins?: boolean;
  /** Whether parameters that a route does not know are refused. Default: they are ignored. */
  readonly isStrict?: boolean;
  /** Whether its routes are in the document of the whole application. Default: they are not. */
  readonly isDocumented?: boolean;
  /** How its errors are written. Default: as our own. Their status is that of their code. */
  readonly encodeError?: ErrorEncoder | undefined;
}

/** Has `addRoutes` add routes for which `rules` hold. */
export async function addScope(
  app: FastifyInstance,
  rules: RouteRules,
  addRoutes: (scope: FastifyInstance) => void,
): Promise<void> {
  const { isForOtherOrigins = false, isStrict = false, isDocumented = false, encodeError } = rules;
  const config = {
    ...{ isForOtherOrigins, isStrict, encodeError },
    ...(isForOtherOrigins ? {} : { cors: false }),
  };
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...config, ...route.config };
      if (!isDocumented) route.schema = { hide: true, ...route.schema };
    });
    addRoutes(scope);
  });
}

import type { FastifyInstance } from 'fastify';
import { unknownName } from '../../core/market/unknown.ts';
import { TickwellError } from '../../wire/errors.ts';

/** Routes of our own. Whoever watches over the server may call its probes as they like. */
const OURS = /^\/(v1\/.*|metrics|openapi\.json|asyncapi\.json)$/;

/** What is not meant for the server, such as what makes an address new to a cache. */
export function isFree(name: string): boolean {
  return name.startsWith('_');
}

/**
 * Refuses parameters that a route does not know: what is ignored in silence is taken for done. A
 * route knows those of the schema of its query. To be called before there are routes.
 */
export function refuseUnknownParameters(app: FastifyInstance): void {
  const knownOf = new Map<string, readonly string[]>();
  app.addHook('onRoute', ({ url, schema }) => {
    if (!OURS.test(url)) return;
    const query = schema?.querystring as { properties?: object } | undefined;
    knownOf.set(url, Object.keys(query?.properties ?? {}));
  });
  app.addHook('preValidation', async ({ query, routeOptions }) => {
    const { url = '' } = routeOptions;
    const known = knownOf.get(url);
    if (known === undefined) return;
    for (const name of Object.keys(query as object)) {
      if (known.includes(name) || isFree(name)) continue;
      const others = [...knownOf].filter(([, names]) => names.includes(name));
      const elsewhere = others.map(([path]) => path);
      const asked = { kind: 'parameter', name, known, of: url, elsewhere };
      throw new TickwellError('bad_request', unknownName(asked));
    }
  });
}

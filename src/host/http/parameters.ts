import type { FastifyInstance } from 'fastify';
import { quoted } from '../../core/market/quoted.ts';
import { unknownName } from '../../core/market/unknown.ts';
import { TickwellError } from '../../wire/errors.ts';

/** Routes of our own. Whoever watches over the server may call its probes as they like. */
const OURS = /^\/(v1\/.*|metrics|openapi\.json|asyncapi\.json)$/;

/** What is not meant for the server, such as what makes an address new to a cache. */
export function isFree(name: string): boolean {
  return name.startsWith('_');
}

/** A list is what a query gives for what it names twice. */
function notOnce(name: string, values: readonly unknown[]): TickwellError {
  const sentence = `${name} must be given once; given: ${quoted(values)}`;
  return new TickwellError('bad_request', sentence);
}

/**
 * Refuses parameters that come twice, and those that a route does not know: what is ignored in
 * silence is taken for done. A route knows those of the schema of its query. To be called before
 * there are routes.
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
    for (const [name, value] of Object.entries(query as object)) {
      if (isFree(name)) continue;
      if (known.includes(name)) {
        if (Array.isArray(value)) throw notOnce(name, value);
        continue;
      }
      const others = [...knownOf].filter(([, names]) => names.includes(name));
      const elsewhere = others.map(([path]) => path);
      const asked = { kind: 'parameter', name, known, of: url, elsewhere };
      throw new TickwellError('bad_request', unknownName(asked));
    }
  });
}

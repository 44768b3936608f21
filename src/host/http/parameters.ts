import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { quoted } from '../../core/market/quoted.ts';
import { unknownName } from '../../core/market/unknown.ts';
import { TickwellError } from '../../wire/errors.ts';

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
 * Refuses parameters that come twice, and those that a strict route does not know: a parameter that
 * is ignored in silence seems to work. A route knows those in the schema of its query. Call this
 * before there are routes.
 */
export function refuseUnknownParameters(app: FastifyInstance): void {
  // A route is complete only when all hooks have seen it.
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  app.addHook('preValidation', ({ query, routeOptions }, _reply, done) => {
    if (routeOptions.config.isStrict === true) check(query as Query, routeOptions);
    done();
  });

  function check(query: Query, { url = '', schema }: FastifyRequest['routeOptions']): void {
    const known = namesOf({ schema });
    for (const name of Object.keys(query)) {
      if (isFree(name)) continue;
      const value = query[name];
      if (known.includes(name)) {
        if (Array.isArray(value)) throw notOnce(name, value);
        continue;
      }
      const others = routes.filter(({ config }) => config?.isStrict === true);
      const takers = others.filter((route) => namesOf(route).includes(name));
      // Under each of its methods once.
      const elsewhere = [...new Set(takers.map((route) => route.url))];
      const asked = { kind: 'parameter', name, known, of: url, elsewhere };
      throw new TickwellError('bad_request', unknownName(asked));
    }
  }
}

type Query = Readonly<Record<string, unknown>>;

/** The parameters that a route knows. */
function namesOf({
  schema,
}: {
  readonly schema?: RouteOptions['schema'] | undefined;
}): readonly string[] {
  const query = schema?.querystring as { properties?: object } | undefined;
  return Object.keys(query?.properties ?? {});
}

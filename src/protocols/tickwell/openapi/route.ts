import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { addDocument } from '../../../host/http/documents.ts';
import { isIndexOf, keepFiles } from '../../../host/http/files.ts';
import type { Service } from '../../../host/service.ts';
import { withNames } from './names.ts';

/** What Swagger UI needs: itself, styles on its own elements, pictures in its style sheet. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Describes all routes that are added from now on: `/openapi.json`, and `/docs` to try them. */
export async function addOpenApi(app: FastifyInstance, service: Service): Promise<void> {
  await app.register(fastifySwagger, {
    transformObject: (made) => withNames('openapiObject' in made ? made.openapiObject : {}),
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tickwell',
        version: service.version,
        license: { name: 'MIT', identifier: 'MIT' },
        contact: { name: 'Tickwell' },
        description:
          'A market that does not exist, served like one that does. Times are whole milliseconds ' +
          'since 1970 (UTC), or RFC 3339 text in requests. Prices are whole ticks: ' +
          'price = ticks * tickSize. Live rows come over the WebSocket at /v1/stream, which ' +
          '/asyncapi.json describes. Parameters ' +
          'that a route does not know are bad_request; names that begin with _ are free.',
      },
      tags: [
        { name: 'market', description: 'Settings, rows and candles' },
        { name: 'control', description: 'What is done to the market, by who runs the server' },
        { name: 'faults', description: 'What is done on demand to rows on their way' },
        { name: 'operation', description: 'Whether the server is alive and ready' },
      ],
    },
  });
  await app.register(async (docs) => {
    keepFiles(docs, service, '/docs');
    docs.addHook('onSend', async (_request, reply) => void reply.header('accept-ranges', 'none'));
    docs.addHook('onRequest', async (request, reply) => {
      const { url, routeOptions } = request;
      // Relative: who serves this below a path of their own is not left.
      if (routeOptions.url === '/docs' && !/^[^?]*\/(\?|$)/.test(url))
        return reply.redirect('docs/');
      if (isIndexOf('/docs/static/', request)) return reply.redirect('../');
    });
    await docs.register(fastifySwaggerUi, {
      // It has the document at /docs/json.
      transformSpecification: (document) => ({ ...document, servers: [{ url: '..' }] }),
      transformSpecificationClone: false,
      routePrefix: '/docs',
      staticCSP: DOCS_POLICY,
      theme: { title: 'Tickwell API' },
      uiConfig: { layout: 'BaseLayout', validatorUrl: null, tryItOutEnabled: true },
    });
  });
  addDocument(app, service, '/openapi.json', () => app.swagger());
}

import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import fastifyCompress from '@fastify/compress';
import fastifyCors from '@fastify/cors';
import fastifyHelmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaValidationError,
} from 'fastify';
import { shown } from '../core/market/shown.ts';
import { ERRORS, type ErrorCode, TickwellError } from '../wire/errors.ts';
import type { Doors } from './doors.ts';
import { refuseOn } from './refusal.ts';
import type { Service } from './service.ts';

const PAGE = fileURLToPath(new URL('../page/', import.meta.url));
/** The page needs nothing but itself; a script that got into it could not speak to anyone. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What Swagger UI needs: itself, styles on its own elements, pictures in its style sheet. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The HTTP half without its routes: doors, headers, documents, errors. */
export async function newApp(service: Service, doors: Doors): Promise<FastifyInstance> {
  const { limits, logger, metrics, version } = service;
  const app = Fastify({
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    clientErrorHandler: refuseBrokenRequest,
    trustProxy: doors.trusts,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.stallMs,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: 1000 },
  });
  // Node would cut a socket that waits for a long computation too.
  app.server.on('timeout', (socket: Socket) => {
    if (socket.writableLength > 0) socket.destroy();
  });
  app.addHook('onRequest', async ({ raw }) => {
    // Whoever watches over this server may call it as they like.
    if (!/^\/(healthz|readyz)$/.test(raw.url ?? '')) doors.checkHost(raw);
  });
  app.addHook('onResponse', async ({ method, url, ip }, { statusCode, elapsedTime }) => {
    const answer = { method, url, address: ip, status: statusCode, ms: Math.round(elapsedTime) };
    logger.debug(answer, 'answered');
  });
  // No route takes a body: whatever comes is not looked at.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, body, done) => {
    body.resume();
    done(null);
  });
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: false,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    strictTransportSecurity: false,
  });
  await app.register(fastifyCors, { origin: '*', methods: ['GET', 'HEAD'] });
  await app.register(fastifyCompress, { threshold: 1024 });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tickwell',
        version,
        license: { name: 'MIT', identifier: 'MIT' },
        description:
          'A market that does not exist, served like one that does. Times are whole milliseconds ' +
          'since 1970 (UTC), or RFC 3339 text in requests. Prices are whole ticks: ' +
          'price = ticks * tickSize. Live rows come over the WebSocket at /v1/stream.',
      },
      tags: [
        { name: 'market', description: 'Settings, rows and candles' },
        { name: 'operation', description: 'Whether the server is alive and ready' },
      ],
    },
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    theme: { title: 'Tickwell API' },
    uiConfig: { layout: 'BaseLayout', validatorUrl: null, tryItOutEnabled: true },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  app.setErrorHandler<FastifyError | TickwellError>(sendError);
  app.setNotFoundHandler((request) => {
    throw new TickwellError(
      'not_found',
      'the path must be one of those that /docs lists; given: ' +
        `${request.method} ${shown(request.url)}`,
    );
  });
  return app;

  function sendError(
    error: FastifyError | TickwellError,
    request: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply {
    const { code, message, details } = answerable(error, request.query);
    metrics.refused(code);
    if (code === 'internal') logger.error({ err: error, url: request.url }, 'failed');
    else logger.info({ code, url: request.url, address: request.ip }, 'refused');
    if (code === 'not_ready') void reply.header('retry-after', '1');
    const { retryAfterMs } = details;
    if (retryAfterMs !== undefined) {
      void reply.header('retry-after', Math.ceil(Number(retryAfterMs) / 1000));
    }
    return reply.status(ERRORS[code].status).send({ error: { code, message, ...details } });
  }
}

/** Answers what is no HTTP, or too much or too slow of it, so that even its sender learns why. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const { code, rule } = BROKEN[error.code ?? ''] ?? NO_HTTP;
  refuseOn(socket, new TickwellError(code, `${rule}; given: ${error.code}`));
}

interface Broken {
  readonly code: ErrorCode;
  readonly rule: string;
}

const NO_HTTP: Broken = { code: 'bad_request', rule: 'the request must be HTTP/1.1' };
const BROKEN: Readonly<Record<string, Broken>> = {
  HPE_HEADER_OVERFLOW: {
    code: 'headers_too_large',
    rule: 'the request must have headers of at most 16 KiB',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    code: 'timed_out',
    rule: 'the request must arrive whole within some seconds',
  },
};

/** What to tell a client of an error: never more than the sentence that is meant for it. */
function answerable(error: FastifyError | TickwellError, query: unknown): TickwellError {
  if (error instanceof TickwellError) return error;
  const fault = error.validation?.[0];
  if (fault !== undefined) {
    const missing = fault.params.missingProperty as string | undefined;
    const field = missing ?? fault.instancePath.slice(1);
    const given = missing === undefined ? (query as Record<string, unknown>)[field] : 'nothing';
    const rule = missing === undefined ? ruleOf(fault) : 'is required';
    return new TickwellError('bad_request', `${field} ${rule}; given: ${shown(given)}`);
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new TickwellError('bad_request', error.message);
  }
  return new TickwellError('internal', 'the server failed; the same request may succeed later');
}

function ruleOf({ keyword, params, message = '' }: FastifySchemaValidationError): string {
  if (keyword !== 'type') return message;
  return params.type === 'integer' ? 'must be a whole number' : 'must be given once';
}

/** The page, if it has been built. */
export async function addPage(app: FastifyInstance): Promise<void> {
  if (!existsSync(PAGE)) return;
  await app.register(fastifyStatic, {
    root: PAGE,
    wildcard: false,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.setHeader('content-security-policy', PAGE_POLICY);
      // Built files carry their hash in their name.
      const isHashed = /-[\w-]{8}\.(js|css)$/.test(path);
      reply.setHeader(
        'cache-control',
        isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
}

import { existsSync, readFileSync } from 'node:fs';
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
import type { Logger } from 'pino';
import { Feed } from '../core/feed/feed.ts';
import type { Market } from '../core/market/market.ts';
import { selfTest } from '../core/market/selftest.ts';
import { shown } from '../core/market/shown.ts';
import { CLOSE_CODES, ERRORS, TickwellError } from '../wire/errors.ts';
import { type Clock, systemClock } from './clock.ts';
import { LIMITS } from './limits.ts';
import { addRoutes } from './routes.ts';
import { Slicer } from './slicer.ts';
import { Hub } from './stream/hub.ts';
import { addStream } from './stream/upgrade.ts';

export interface ServerOptions {
  readonly market: Market;
  /** Where to listen: `localhost` for this machine only, `0.0.0.0` for every network. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** A market that is served. */
export interface TickwellServer {
  /** Where the page is. */
  readonly url: string;
  readonly feed: Feed;
  /** Resolves when the ring is full and rows flow. */
  readonly ready: Promise<void>;
  /** Says goodbye to every client and ends within a few seconds. */
  stop(): Promise<void>;
}

const PAGE = fileURLToPath(new URL('../page/', import.meta.url));
const PACKAGE = new URL('../../package.json', import.meta.url);
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

/** The version in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
}

/** Starts to listen, then fills the ring. Throws if this machine computes other prices. */
export async function startServer(options: ServerOptions): Promise<TickwellServer> {
  const failures = selfTest();
  if (failures.length > 0) {
    throw new Error(`This machine computes other prices than it must: ${failures.join('; ')}.`);
  }
  const { market, host, port, logger } = options;
  const clock = options.clock ?? systemClock;
  const version = packageVersion();
  const feed = new Feed(market);
  const slicer = new Slicer(clock);
  const onFailure = (error: unknown) => logger.error({ err: error }, 'failed');
  const hub = new Hub({ feed, clock, slicer, version, onFailure });
  let isReady = false;

  const app = await newApp(logger, version);
  addRoutes(app, { feed, clock, slicer, version, isReady: () => isReady });
  await addPage(app);
  addStream(app.server, hub, () => isReady);
  await app.listen({ host, port });
  const beat = setInterval(() => hub.beat(), 1000);
  let tick: NodeJS.Timeout | undefined;
  let isStopped = false;

  const run = () => {
    if (isStopped) return;
    if (feed.advance(clock.nowMs()) > 0) hub.advanced();
    // Looked at each second at least: a clock that stepped back may step forward again.
    const waitMs = Math.min(1000, Math.max(1, feed.nextDueMs() - clock.nowMs()));
    tick = setTimeout(run, waitMs);
  };
  const ready = slicer.run(feed.fill(clock.nowMs())).then(() => {
    if (isStopped) return;
    isReady = true;
    run();
    logger.info({ market: market.id, head: feed.head }, 'ready');
  });

  return {
    url: urlOf(app, host),
    feed,
    ready,
    async stop() {
      isStopped = true;
      isReady = false;
      clearTimeout(tick);
      clearInterval(beat);
      hub.closeAll(CLOSE_CODES.shuttingDown, 'shutting down');
      const cut = setTimeout(() => {
        hub.terminateAll();
        app.server.closeAllConnections();
      }, LIMITS.closeGraceMs);
      await app.close();
      clearTimeout(cut);
      logger.info('stopped');
    },
  };
}

async function newApp(logger: Logger, version: string): Promise<FastifyInstance> {
  const app = Fastify({
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    clientErrorHandler: refuseBrokenRequest,
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
    if (code === 'internal') logger.error({ err: error, url: request.url }, 'failed');
    if (code === 'not_ready') void reply.header('retry-after', '1');
    return reply.status(ERRORS[code].status).send({ error: { code, message, ...details } });
  }
}

/** Answers what is no HTTP at all, so that even its sender learns why. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const rule = 'the request must be HTTP/1.1 with headers of at most 16 KiB';
  const message = `${rule}; given: ${error.code}`;
  const body = JSON.stringify({ error: { code: 'bad_request', message } });
  socket.end(
    'HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

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

async function addPage(app: FastifyInstance): Promise<void> {
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

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

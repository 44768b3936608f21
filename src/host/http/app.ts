import { existsSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
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
import { quoted } from '../../core/market/quoted.ts';
import { withNames } from '../../protocols/tickwell/openapi/names.ts';
import { ERRORS, TickwellError } from '../../wire/errors.ts';
import type { AccessPolicy } from '../access/access-policy.ts';
import { guardSockets } from '../access/sockets.ts';
import { Turns } from '../access/turns.ts';
import { REQUEST_COST } from '../budgets/cost.ts';
import { payWork } from '../budgets/work.ts';
import { pathOf } from '../client-log.ts';
import { noteRefused, toldOf } from '../refused.ts';
import type { Service } from '../service.ts';
import { resetBrokenAnswers, watchAnswers } from './broken-answers.ts';
import { brokenRequest } from './broken-requests.ts';
import { ASK_AGAIN, IMMUTABLE } from './caching.ts';
import { addDocument } from './documents.ts';
import { addEntry } from './entry.ts';
import { isIndexOf, keepFiles } from './files.ts';
import { versionFault, watchProtocols } from './head.ts';
import { refuseUnknownParameters } from './parameters.ts';
import { watchPaths } from './paths.ts';
import { refusalHeaders, refuseOn } from './refusal.ts';

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

const JSON_TYPE = 'application/json; charset=utf-8';

/** What Swagger UI needs: itself, styles on its own elements, pictures in its style sheet. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The HTTP half without its routes: doors, headers, documents, errors. */
export async function newApp(
  service: Service,
  access: AccessPolicy,
): Promise<{ readonly app: FastifyInstance; readonly turns: Turns }> {
  const { limits, logger, metrics, version } = service;
  const app = Fastify({
    forceCloseConnections: 'idle',
    // No hook sees these.
    frameworkErrors: (error, request, reply) =>
      void sendError(unpaid(service, access.addressOf(request.raw)) ?? error, request, reply),
    clientErrorHandler: (error, socket) => {
      whenItsTurn(socket, () => {
        // Even the sender of what is no HTTP learns why it is refused.
        const told = brokenRequest(error, socket, limits);
        if (told !== undefined) refuse(socket, told);
      });
    },
    trustProxy: access.trusts,
    // Ours are made by TypeBox, and held against OpenAPI by a test: to compile what they would be
    // checked by takes a quarter of the start.
    ajv: { customOptions: { validateSchema: false } },
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.stallMs,
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: 1000,
      // Node would say so without a word: `checkHostCount` does.
      requireHostHeader: false,
    },
  });
  // Versions of Node differ in what they do with more than 2000; 16 KiB of them are the bound.
  app.server.maxHeadersCount = 0;
  // Before all else: what is registered has the error handler that there is by then.
  app.setErrorHandler<FastifyError | TickwellError>(sendError);
  const turns = new Turns(app.server);
  watchProtocols(app.server);
  const notFound = watchPaths(app);
  answerWhatNodeWouldNot(app.server, refuse, notFound);
  guardSockets(app.server, service, access);
  addEntry(app, service, access, turns);
  resetBrokenAnswers(app.server);
  refuseUnknownParameters(app);
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const { method, ip, routeOptions } = request;
    metrics.requests.add(nameOf(routeOptions), statusCode, elapsedTime / 1000);
    const ms = Math.round(elapsedTime);
    const path = pathOf(request.url);
    logger.debug({ method, path, address: quoted(ip), status: statusCode, ms }, 'answered');
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
  await app.register(fastifyCors, {
    origin: '*',
    methods: ['GET', 'HEAD'],
    strictPreflight: false,
  });
  // What does not change is kept compressed: routes say which of them are compressed each time.
  await app.register(fastifyCompress, { global: false });
  watchAnswers(app, service);
  await app.register(fastifySwagger, {
    transformObject: (made) => withNames('openapiObject' in made ? made.openapiObject : {}),
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tickwell',
        version,
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
  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
  return { app, turns };

  /** Refuses what never became a request of Fastify's; for as much as a request. */
  function refuse(socket: Socket, given: TickwellError): void {
    const error = unpaid(service, socket.remoteAddress ?? '') ?? given;
    noteRefused(service, error, { address: socket.remoteAddress });
    refuseOn(socket, error);
  }

  function sendError(
    error: FastifyError | TickwellError,
    request: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply {
    const told = answerable(error, request, notFound);
    const { code, message, details } = told;
    if (code !== 'internal' || !hasLeft(error, reply)) {
      noteRefused(service, told, { path: pathOf(request.url), address: request.ip });
    }
    // What was said of the answer that was to be is not true of this one.
    void reply.removeHeader('content-encoding').header('content-type', JSON_TYPE);
    void reply.headers(refusalHeaders({ code, details }));
    return reply.status(ERRORS[code].status).send({ error: { code, message, ...details } });
  }
}

/** What a route is called in the metrics; a preflight and a path that there is not have none. */
function nameOf({ url, config: { countedAs } }: FastifyRequest['routeOptions']): string {
  if (url === undefined || url === '*') return 'none';
  return countedAs ?? url;
}

/** What is to be said instead, if its address cannot pay for being told what was wrong. */
function unpaid(service: Service, ip: string): TickwellError | undefined {
  try {
    payWork(service, service.addresses.of(ip), REQUEST_COST);
    return undefined;
  } catch (error) {
    return error as TickwellError;
  }
}

/** Whether a client has left: what was being made for it ends with an error then. */
function hasLeft({ code = '' }: FastifyError | TickwellError, { raw }: FastifyReply): boolean {
  return raw.destroyed && (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR');
}

type Refuse = (socket: Socket, error: TickwellError) => void;
type NotFound = ReturnType<typeof watchPaths>;

/** The answer to the newest request of a connection. */
const newestAnswers = new WeakMap<Socket, ServerResponse>();

/** Sees to it that a request is answered, and in JSON, where Node by itself would hang up on it. */
function answerWhatNodeWouldNot(server: Server, refuse: Refuse, notFound: NotFound): void {
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    newestAnswers.set(socket, response);
  });
  // What a client expects beside `100-continue` is ignored, as are fields that nobody knows.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    refuse(socket, notFound(request));
  });
}

/** Whole requests before a broken one have answers of their own, which go first. */
function whenItsTurn(socket: Socket, then: () => void): void {
  const answer = newestAnswers.get(socket);
  const isWaiting = answer?.req.complete === true && !answer.writableFinished;
  if (isWaiting) answer.once('close', then);
  else then();
}

/** What to tell a client of an error: never more than the sentence that is meant for it. */
function answerable(
  error: FastifyError | TickwellError,
  { method, url, query, raw, routeOptions }: FastifyRequest,
  notFound: NotFound,
): TickwellError {
  if (error instanceof TickwellError) return error;
  // Methods of other protocols meet no hook.
  const foreign = versionFault(raw);
  if (foreign !== undefined) return foreign;
  const fault = error.validation?.[0];
  if (fault !== undefined) {
    const missing = fault.params.missingProperty as string | undefined;
    const field = fault.instancePath.slice(1);
    if (missing !== undefined) return new TickwellError('bad_request', `${missing} is missing`);
    const given = (query as Record<string, unknown>)[field];
    const rule = ruleOf(fault, routeOptions.schema?.querystring as Query | undefined, field);
    return new TickwellError('bad_request', `${field} ${rule}; given: ${quoted(given)}`);
  }
  if (error.code === 'FST_ERR_BAD_URL') {
    const rule = 'the path must be that of a URL, percent-encoded UTF-8';
    return new TickwellError('bad_request', `${rule}; given: ${method} ${quoted(url)}`);
  }
  // Nothing takes a body: where its type matters there is no route.
  if (error.statusCode === 403 || CONTENT_TYPE_FAULT.test(error.code ?? '')) {
    return notFound({ method, url });
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    const reason = quoted(error.message);
    return new TickwellError('bad_request', `the request cannot be answered: ${reason}`);
  }
  return toldOf(error);
}

const CONTENT_TYPE_FAULT = /^FST_ERR_(CTP|ROUTE_MISSING_CONTENT_TYPE)/;

/** The part of a route's schema that says what numbers its parameters may be. */
interface Query {
  readonly properties: Readonly<Record<string, { minimum?: number; maximum?: number }>>;
}

/** What a parameter must be: of numbers both bounds, whichever of them was broken. */
function ruleOf(fault: FastifySchemaValidationError, query: Query | undefined, field: string) {
  const { minimum, maximum } = query?.properties[field] ?? {};
  if (minimum === undefined || maximum === undefined) return fault.message ?? 'is wrong';
  return `must be a whole number from ${minimum} to ${maximum}`;
}

/** The page in `folder`, if it has been built. */
export async function addPage(
  app: FastifyInstance,
  service: Service,
  folder: string,
): Promise<void> {
  if (!existsSync(folder)) return;
  await app.register(async (page) => {
    page.addHook('onSend', async ({ routeOptions: { url = '' } }, reply) => {
      if (reply.statusCode >= 400) return;
      void reply.header('content-security-policy', PAGE_POLICY);
      // Built files carry their hash in their name.
      const isHashed = /-[\w-]{8}\.(js|css)$/.test(url);
      void reply.header('cache-control', isHashed ? IMMUTABLE : ASK_AGAIN);
    });
    keepFiles(page, service, 'page');
    await page.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      acceptRanges: false,
      cacheControl: false,
    });
  });
}

import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import fastifyCompress from '@fastify/compress';
import fastifyCors from '@fastify/cors';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { quoted } from '../../core/market/quoted.ts';
import type { TickwellError } from '../../wire/errors.ts';
import type { AccessPolicy } from '../access/access-policy.ts';
import { guardSockets } from '../access/sockets.ts';
import { Turns } from '../access/turns.ts';
import { REQUEST_COST } from '../budgets/cost.ts';
import { payWork } from '../budgets/work.ts';
import { pathOf } from '../client-log.ts';
import { takeFaults } from '../faults/asked-faults.ts';
import { noteRefused } from '../refused.ts';
import type { Service } from '../service.ts';
import { answerable } from './answerable.ts';
import { ignoreBodies } from './bodies.ts';
import { resetBrokenAnswers, watchAnswers } from './broken-answers.ts';
import { brokenRequest, brokenUrl } from './broken-requests.ts';
import { addEntry } from './entry.ts';
import type { ErrorShapes } from './error-shapes.ts';
import { watchProtocols } from './head.ts';
import { refuseUnknownParameters } from './parameters.ts';
import { type NotFound, watchPaths } from './paths.ts';
import { refusePreflights } from './preflights.ts';
import { errorBody, refusalHeaders, refuseOn } from './refusal.ts';
import { SAFETY_HEADERS } from './safety-headers.ts';
import { keepErrorHandler } from './scope.ts';
import { isUpload } from './uploads.ts';

/** The HTTP application without its routes: who may come in, headers, errors. */
export async function newApp(
  service: Service,
  access: AccessPolicy,
  shapes: ErrorShapes,
): Promise<{ readonly app: FastifyInstance; readonly turns: Turns }> {
  const app = Fastify({
    ...optionsOf(service, access),
    // No hook sees these.
    frameworkErrors: (error, request, reply) =>
      void sendError(unpaid(service, access.addressOf(request.raw)) ?? error, request, reply),
    clientErrorHandler: (error, socket) => {
      // Its route sees to it that it goes on.
      const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
      if (isLate && isUpload(unfinished(turns, socket))) return;
      // A second answer would be taken for that to the next request.
      if (isAnswered(turns, socket)) {
        // One that is still being sent cannot be ended as if it were whole.
        if (turns.newestOf(socket)?.writableFinished) socket.end();
        else socket.destroy();
        return;
      }
      whenItsTurn(turns, socket, () => {
        // Even the sender of what is no HTTP learns why it is refused.
        const refusal = brokenRequest(error, socket, service.limits);
        if (refusal !== undefined)
          refuse(socket, refusal, brokenUrl(error, unfinished(turns, socket)));
      });
    },
  });
  // Versions of Node differ in what they do with more than 2000; 16 KiB of them are the bound.
  app.server.maxHeadersCount = 0;
  // Before all else: what is registered has the error handler that there is by then.
  app.setErrorHandler<FastifyError | TickwellError>(sendError);
  const turns = new Turns(app.server);
  // These want to see what came, so they go first.
  takeFaults(app.server, service.faults);
  watchProtocols(app.server);
  const notFound = watchPaths(app);
  answerWhatNodeWouldNot(app.server, refuse, notFound);
  guardSockets(app.server, service, access);
  setSafetyHeaders(app);
  addEntry(app, service, access, turns);
  resetBrokenAnswers(app.server);
  refuseUnknownParameters(app);
  measure(app, service);
  ignoreBodies(app);
  await addPlugins(app, notFound);
  watchAnswers(app, service);
  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
  keepErrorHandler(app);
  return { app, turns };

  /** Refuses what never became a request of Fastify's; for as much as a request. */
  function refuse(socket: Socket, given: TickwellError, url?: string): void {
    const error = unpaid(service, socket.remoteAddress ?? '') ?? given;
    noteRefused(service, error, { address: socket.remoteAddress });
    const ip = socket.remoteAddress ?? '';
    refuseOn(socket, error, errorBody(error, shapes.of(url), service.failures, ip));
  }

  function sendError(
    error: FastifyError | TickwellError,
    request: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply {
    const refusal = answerable(error, request, notFound);
    const { code } = refusal;
    if (code !== 'internal' || !hasLeft(error, reply)) {
      noteRefused(service, refusal, { path: pathOf(request.url), address: request.ip });
    }
    const { url, config } = request.routeOptions;
    // Preflights have one route for all paths.
    const isNowhere = url === undefined || url === '*';
    const encode = isNowhere ? shapes.of(request.url) : config.encodeError;
    const { failures } = service;
    const { contentType, body, status, headers } = errorBody(refusal, encode, failures, request.ip);
    // What was said of the answer that was to be is not true of this one.
    void reply.removeHeader('content-encoding').header('content-type', contentType);
    void reply.headers({ ...headers, ...refusalHeaders(refusal) });
    return reply.status(status).send(body);
  }
}

/** How Fastify and Node are to take requests. */
function optionsOf({ limits }: Service, access: AccessPolicy) {
  return {
    forceCloseConnections: 'idle',
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
  } as const;
}

/** Counts every answer, and logs it. */
function measure(app: FastifyInstance, { metrics, logger }: Service): void {
  app.addHook('onResponse', (request, { statusCode: status, elapsedTime }, done) => {
    const { routeOptions } = request;
    const protocol = routeOptions.config.protocol ?? 'none';
    metrics.requests.add(nameOf(routeOptions), protocol, status, elapsedTime / 1000);
    // To put the line together costs more than the rest.
    if (logger.isLevelEnabled?.('debug') !== false) {
      const { method, ip, url } = request;
      const ms = Math.round(elapsedTime);
      logger.debug({ method, path: pathOf(url), address: quoted(ip), status, ms }, 'answered');
    }
    done();
  });
}

/** To be called before the entry, which ends what it refuses. */
function setSafetyHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(SAFETY_HEADERS);
    done();
  });
}

/** Headers for pages of other origins, and compression for routes that ask for it. */
async function addPlugins(app: FastifyInstance, notFound: NotFound): Promise<void> {
  refusePreflights(app, notFound);
  await app.register(fastifyCors, {
    origin: '*',
    // Whether such a page may change something is asked of the request itself.
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    strictPreflight: false,
  });
  // What does not change is kept compressed: routes say which of them are compressed each time.
  await app.register(fastifyCompress, { global: false });
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

type Refuse = (socket: Socket, error: TickwellError, url?: string) => void;

/** Sees to it that a request is answered, and in JSON, where Node by itself would hang up on it. */
function answerWhatNodeWouldNot(server: Server, refuse: Refuse, notFound: NotFound): void {
  // What a client expects beside `100-continue` is ignored, as are fields that nobody knows.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    refuse(socket, notFound(request), request.url);
  });
}

/** The request of a connection that has not come whole, if its headers have. */
function unfinished(turns: Turns, socket: Socket): IncomingMessage | undefined {
  const request = turns.newestOf(socket)?.req;
  return request?.complete === false ? request : undefined;
}

/** Whether a request whose body is not all there has its answer. */
function isAnswered(turns: Turns, socket: Socket): boolean {
  return unfinished(turns, socket) !== undefined && turns.newestOf(socket)!.headersSent;
}

/** Whole requests before a broken one have answers of their own, which go first. */
function whenItsTurn(turns: Turns, socket: Socket, then: () => void): void {
  const answer = turns.newestOf(socket);
  const isWaiting = answer?.req.complete === true && !answer.writableFinished;
  if (isWaiting) answer.once('close', then);
  else then();
}

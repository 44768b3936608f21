import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Strike } from '../../core/faults/strike.ts';
import { faultsOf } from '../../host/faults/asked-faults.ts';
import { FAULTS_HEADER, type Fate, faultsText } from '../../host/faults/fates.ts';
import { statusError } from '../../host/faults/status-error.ts';
import type {} from '../../host/http/entry.ts';
import { errorBody, refusalHeaders } from '../../host/http/refusal.ts';
import type { DeliveryService } from '../service.ts';
import { AnswerFate } from './answer-fate.ts';
import type { AnswerChanges } from './answer-harm.ts';
import { priceChangeOf } from './changes.ts';
import { faultyBody, waited } from './faulty-body.ts';

/** Of our own routes, those that tell of the server, of faults, and of what is done. */
const SPARED = /^\/(?:[\w-]+\.json|v1\/(?:hello|protocols|faults|grade|control)(?:\/.*)?)$/;
/** Longer ones are not looked into: their newest values stay as they are. */
const MOST_JSON_BYTES = 2 ** 22;
/** Where an answer breaks off that is made part by part: how long it gets nobody knows. */
const UNKNOWN_MIDDLE_BYTES = 2 ** 10;
/** What a proxy says whose server does not answer. */
const BAD_GATEWAY = '<html><body><h1>502 Bad Gateway</h1></body></html>';

type Payload = string | Buffer | Readable | null | undefined;

interface Answering {
  readonly fate: Fate;
  readonly answer: AnswerFate;
}

/**
 * Has answers harmed for whoever asked for faults: all that have routes of a protocol, but those
 * that do not end, files, and what tells of the faults themselves. To be called before there are
 * routes.
 */
export function addFaultyAnswers(app: FastifyInstance, service: DeliveryService): void {
  const answering = new WeakMap<IncomingMessage, Answering>();
  const stopping = new AbortController();
  app.addHook('preClose', (done) => {
    stopping.abort();
    done();
  });
  app.addHook('onRequest', (request, reply, done) => {
    const faults = faultsOf(request.raw);
    if (faults === undefined || isSpared(request)) {
      done();
      return;
    }
    const index = service.feed.head - 1;
    const fate = service.fates.of(faults);
    const strikes = index < 0 ? [] : [...fate.standing, ...fate.strikes(index)];
    const answer = new AnswerFate(strikes, index);
    answering.set(request.raw, { fate, answer });
    // Neither is true of what comes: it is always whole, or half, and as it is.
    delete request.raw.headers['if-none-match'];
    delete request.raw.headers['accept-encoding'];
    void reply.header(FAULTS_HEADER, faultsText(faults));
    if (answer.status === undefined) done();
    else sendStatus(service, answer.status, request, reply);
  });
  app.addHook('onSend', (request, reply, payload: Payload, done) => {
    const known = answering.get(request.raw);
    if (known === undefined) {
      done(null, payload);
      return;
    }
    void reply.removeHeader('etag').headers({
      'cache-control': 'no-store',
      'access-control-expose-headers': exposed(reply),
    });
    for (const { kind } of known.answer.strikes) service.metrics.struck(kind);
    const sending = new FaultyAnswer(service, known, request, reply, stopping.signal);
    sending.send(payload).then(
      (sent) => done(null, sent),
      (error: Error) => done(error),
    );
  });
}

function isSpared({ method, routeOptions: { url, config } }: FastifyRequest): boolean {
  if (url === undefined || method === 'OPTIONS') return true;
  const isProtocol = config.protocol !== undefined && config.isUncounted !== true;
  return !isProtocol || (config.protocol !== 'udf' && SPARED.test(url));
}

/** Which headers pages of other origins may read. */
function exposed(reply: FastifyReply): string {
  const others = reply.getHeader('access-control-expose-headers');
  return others === undefined ? FAULTS_HEADER : `${others}, ${FAULTS_HEADER}`;
}

/** Answers with an error that nobody made, as the protocol writes errors. */
function sendStatus(
  { failures }: DeliveryService,
  strike: Extract<Strike, { kind: 'status' }>,
  { routeOptions: { config }, ip }: FastifyRequest,
  reply: FastifyReply,
): void {
  const { code } = strike;
  if (code === 502) {
    void reply.status(code).header('content-type', 'text/html').send(BAD_GATEWAY);
    return;
  }
  const error = statusError(strike);
  const { contentType, body, headers } = errorBody(error, config.encodeError, failures, ip);
  void reply.headers({ ...headers, ...refusalHeaders(error), 'content-type': contentType });
  void reply.status(code).send(body);
}

/** One answer on its way. */
class FaultyAnswer {
  readonly #service: DeliveryService;
  readonly #fate: Fate;
  readonly #answer: AnswerFate;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #gone = new AbortController();

  constructor(
    service: DeliveryService,
    { fate, answer }: Answering,
    request: FastifyRequest,
    reply: FastifyReply,
    stopping: AbortSignal,
  ) {
    this.#service = service;
    this.#fate = fate;
    this.#answer = answer;
    this.#request = request;
    this.#reply = reply;
    const gone = () => this.#gone.abort();
    stopping.addEventListener('abort', gone);
    reply.raw.once('close', () => {
      stopping.removeEventListener('abort', gone);
      gone();
    });
  }

  /** What is sent instead of `payload`, when it is. */
  async send(payload: Payload): Promise<Payload> {
    const { waitMs, ending, isTruncated, garbage, bytesPerSecond } = this.#answer;
    if (waitMs > 0) await waited(waitMs, this.#gone.signal);
    if (ending === 'halfopen') {
      await waited(this.#service.limits.halfOpenMs, this.#gone.signal);
      this.#socket.resetAndDestroy();
      return payload;
    }
    const hasBody = this.#request.method !== 'HEAD' && lengthOf(payload) !== 0;
    if (ending === 'close' || (ending === 'cut' && !hasBody)) {
      if (ending === 'cut') this.#socket.resetAndDestroy();
      else this.#socket.destroySoon();
      return payload;
    }
    if (!hasBody) return payload;
    const isBroken = ending === 'cut' || isTruncated;
    const isSlow = bytesPerSecond < Number.POSITIVE_INFINITY;
    const whole = await this.#changed(payload);
    if (!isBroken && !isSlow && garbage === undefined) return whole;
    const bytes = lengthOf(whole, this.#reply);
    const sent = garbage === undefined ? whole : await spoilt(whole, garbage);
    if (garbage !== undefined || bytes !== undefined) {
      void this.#reply.header('content-length', lengthOf(sent) ?? bytes);
    }
    if (!isBroken && !isSlow) return sent;
    const known = lengthOf(sent, this.#reply);
    return faultyBody(piecesOf(sent), {
      breaksAt: isBroken ? middleOf(known) : undefined,
      breakOff: () => this.#breakOff(),
      bytesPerSecond,
      signal: this.#gone.signal,
    });
  }

  get #socket(): Socket {
    return this.#request.raw.socket;
  }

  /** In a turn of its own: what was sent of it by now goes first. */
  #breakOff(): void {
    setImmediate(() => {
      if (this.#answer.ending === 'cut') this.#socket.resetAndDestroy();
      else this.#socket.destroySoon();
    });
  }

  /** The answer with wrong prices and times, as far as its route knows where they stand. */
  async #changed(payload: Payload): Promise<Payload> {
    const { routeOptions } = this.#request;
    const { harm } = routeOptions.config;
    const { skewMs, index } = this.#answer;
    const bytes = lengthOf(payload, this.#reply);
    const isLong = bytes === undefined || bytes > MOST_JSON_BYTES;
    const isJson = String(this.#reply.getHeader('content-type')).startsWith('application/json');
    if (harm === undefined || isLong || !isJson || this.#reply.statusCode !== 200) return payload;
    if (!this.#fate.hasSymbols && skewMs === 0) return payload;
    const text = (await bytesOf(payload)).toString();
    const json: unknown = JSON.parse(text);
    const { metrics, feed } = this.#service;
    if (skewMs !== 0) metrics.struck('skew');
    const of = (column: number) => {
      const change = priceChangeOf(feed.history, this.#fate, column, index);
      for (const { kind } of change?.strikes ?? []) metrics.struck(kind);
      return change;
    };
    const changes: AnswerChanges = { skewMs, of };
    harm(json as never, changes, this.#request);
    const changed = Buffer.from(JSON.stringify(json));
    void this.#reply.header('content-length', changed.byteLength);
    return changed;
  }
}

function middleOf(bytes: number | undefined): number {
  return bytes === undefined ? UNKNOWN_MIDDLE_BYTES : bytes >> 1;
}

/** What comes in place of a body. */
async function spoilt(
  payload: Payload,
  garbage: Extract<Strike, { kind: 'garbage' }>,
): Promise<Buffer> {
  if (garbage.form === 'text') return Buffer.from(garbage.text);
  const bytes = await bytesOf(payload);
  return bytes.subarray(0, bytes.byteLength >> 1);
}

/** How many bytes a body has; undefined where only its end will tell. */
function lengthOf(payload: Payload, reply?: FastifyReply): number | undefined {
  if (payload === null || payload === undefined) return 0;
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  if (Buffer.isBuffer(payload)) return payload.byteLength;
  const header = reply?.getHeader('content-length');
  return header === undefined ? undefined : Number(header);
}

async function bytesOf(payload: Payload): Promise<Buffer> {
  if (payload instanceof Readable) return buffer(payload);
  return Buffer.from(payload ?? '');
}

function piecesOf(payload: Payload): AsyncIterable<Buffer> | readonly Buffer[] {
  if (payload instanceof Readable) return payload;
  return [Buffer.from(payload ?? '')];
}

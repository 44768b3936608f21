import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FaultKind } from '../../core/faults/kinds.ts';
import type { Strike } from '../../core/faults/strike.ts';
import { harmCost } from '../../host/budgets/ledger-cost.ts';
import { faultsOf } from '../../host/faults/asked-faults.ts';
import { FAULTS_HEADER, type Fate, faultsText } from '../../host/faults/fates.ts';
import { statusError } from '../../host/faults/status-error.ts';
import type {} from '../../host/http/entry.ts';
import { errorBody, refusalHeaders } from '../../host/http/refusal.ts';
import type { DeliveryService } from '../service.ts';
import { AnswerFate, WAITS } from './answer-fate.ts';
import type { AnswerHarm } from './answer-harm.ts';
import { bytesOf, lengthOf, type Payload, piecesOf, upTo } from './bodies.ts';
import { priceChangeOf, type StruckPrice } from './changes.ts';
import { faultyBody, waited } from './faulty-body.ts';
import type { PriceChange } from './harm-form.ts';

/** Of our own routes, those that tell of the server, of faults, and of what is done. */
const SPARED = /^\/(?:[\w-]+\.json|v1\/(?:hello|protocols|faults|grade|control)(?:\/.*)?)$/;
/** Longer ones are not looked into: their newest values stay as they are. */
const MOST_JSON_BYTES = 2 ** 22;
/** Where an answer breaks off that is made part by part: how long it gets nobody knows. */
const UNKNOWN_MIDDLE_BYTES = 2 ** 10;
/** What a proxy says whose server does not answer. */
const BAD_GATEWAY = '<html><body><h1>502 Bad Gateway</h1></body></html>';

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
    if (answer.status === undefined) {
      done();
      return;
    }
    service.metrics.struck('status');
    sendStatus(service, answer.status, request, reply);
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

  /** What is sent instead of `payload`, when it is. Only what can be done is counted as done. */
  async send(payload: Payload): Promise<Payload> {
    const { waitMs, ending, isTruncated, garbage, bytesPerSecond } = this.#answer;
    this.#count(WAITS);
    if (waitMs > 0) await waited(waitMs, this.#gone.signal);
    if (ending !== undefined) this.#count([ending]);
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
    this.#count(['garbage', 'throttle', ...(ending === 'cut' ? [] : (['truncate'] as const))]);
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

  /** Counts what is done of these kinds. */
  #count(kinds: readonly FaultKind[]): void {
    for (const { kind } of this.#answer.strikes) {
      if (kinds.includes(kind)) this.#service.metrics.struck(kind);
    }
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
    const { harm } = this.#request.routeOptions.config;
    const { addresses, clock } = this.#service;
    const { skewMs } = this.#answer;
    const isJson = String(this.#reply.getHeader('content-type')).startsWith('application/json');
    if (harm === undefined || !isJson || this.#reply.statusCode !== 200) return payload;
    if (!this.#fate.hasSymbols && skewMs === 0) return payload;
    const { whole, bytes } = await upTo(MOST_JSON_BYTES, payload, lengthOf(payload, this.#reply));
    if (bytes === undefined) return whole;
    const before = this.#fate.cost;
    const changed = this.#harmed(harm, JSON.parse(bytes.toString()));
    // It is done by now: what cannot be paid is owed, and asked for with the next request.
    const address = addresses.of(this.#request.ip);
    address.spend(this.#fate.cost - before + harmCost(bytes.byteLength), clock.steadyMs());
    if (changed === undefined) return bytes;
    void this.#reply.header('content-length', changed.byteLength);
    return changed;
  }

  /**
   * First the times, then the prices: so it is known whether it tells any. Undefined if nothing is
   * done.
   */
  #harmed(harm: AnswerHarm, json: unknown): Buffer | undefined {
    const { skewMs, index } = this.#answer;
    const { metrics, feed } = this.#service;
    let isChanged = false;
    if (skewMs !== 0) {
      const before = JSON.stringify(json);
      harm(json as never, { skewMs, of: () => undefined }, this.#request);
      isChanged = JSON.stringify(json) !== before;
      if (isChanged) this.#count(['skew']);
    }
    const struck = ({ kind }: Strike) => {
      isChanged = true;
      metrics.struck(kind);
    };
    const of = (column: number): PriceChange | undefined => {
      const change = priceChangeOf(feed.history, this.#fate, column, index);
      return change && { column, of: once(change, struck) };
    };
    if (this.#fate.hasSymbols) harm(json as never, { skewMs: 0, of }, this.#request);
    return isChanged ? Buffer.from(JSON.stringify(json)) : undefined;
  }
}

/** A change whose strikes are told to `done` when there is a first price that it changes. */
function once(change: StruckPrice, done: (strike: Strike) => void): PriceChange['of'] {
  let isDone = false;
  return (ticks, field) => {
    if (!isDone) change.strikes.forEach(done);
    isDone = true;
    return change.of(ticks, field);
  };
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

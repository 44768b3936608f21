import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { compressingCost, namingCost, REQUEST_COST } from '../budgets/cost.ts';
import { type Pay, payerOf } from '../budgets/work.ts';
import type { Service } from '../service.ts';
import { Cancelled } from '../slicer.ts';
import { bodyOf, contentTypeOf, type Making, type Pieces } from './body.ts';
import { ASK_AGAIN, IMMUTABLE, isKnown } from './caching.ts';
import { encodingFor } from './ready.ts';

/** What is known of an answer before any work on it. */
export interface Plan {
  readonly mediaType: string;
  /** Of the bytes that will be made. */
  readonly etag: string;
  readonly isImmutable: boolean;
  /** Whether the same will always be answered by these bytes, so that they can be kept. */
  readonly isFinal: boolean;
  /** How many were asked for: each has been looked up already. */
  readonly columns: number;
  /** As `cost.ts` counts, beside the request itself, which is paid for. */
  readonly cost: number;
  /** What comes of the work, if it was made for another. */
  readonly made?: Made | undefined;
  /** The steps of the work; a promise of them while what they need is being loaded. */
  make(): Steps | Promise<Steps>;
}

type Steps = Generator<unknown, Made, void>;

export interface Made {
  readonly pieces: Pieces;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer of any length. */
export interface Whole {
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What each part costs, as `cost.ts` counts, and how it is made. */
  readonly parts: Iterable<{ readonly cost: number; readonly steps: () => Making }>;
}

/** Every format gets smaller, the binary ones too: rows of a walk to a quarter. */
export const COMPRESSED = { compress: { threshold: 1024, customTypes: () => true } } as const;

/** Headers that pages of other origins may read. */
export function exposed(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { ...headers, 'access-control-expose-headers': Object.keys(headers).join(', ') };
}

/** Whoever waits for more work looks this often whether the client is still there. */
const MOST_WAIT_MS = 1000;

/** Answers requests: what the client has is not made again, what it costs is paid first. */
export class Responder {
  /** What pays for what a request makes, beside the request itself. */
  readonly payerOf: (request: FastifyRequest) => Pay;
  readonly #service: Service;

  constructor(service: Service) {
    this.payerOf = payerOf(service);
    this.#service = service;
  }

  /**
   * Answers at once if no more than a slice of work is left to do; otherwise gives a promise.
   * Headers are set last: an error on the way must not be kept for ever.
   */
  answer(
    request: FastifyRequest,
    reply: FastifyReply,
    plan: Plan,
  ): FastifyReply | Promise<FastifyReply> {
    const naming = namingCost(plan.columns);
    const pay = this.payerOf(request);
    if (isKnown(request.headers['if-none-match'], plan.etag)) {
      pay(naming);
      const cacheControl = cacheControlOf(plan);
      return reply.code(304).headers({ 'cache-control': cacheControl, etag: plan.etag }).send();
    }
    if (plan.made !== undefined) {
      pay(naming);
      return this.#send(request, reply, plan, plan.made);
    }
    const { answers, slicer } = this.#service;
    pay(answers.has(plan.etag) ? naming : naming + plan.cost);
    const made = answers.get(plan.etag, plan.isFinal, askerOf(reply), (isWanted) => {
      const steps = plan.make();
      if (!(steps instanceof Promise)) return slicer.begin(steps, isWanted);
      return steps.then((loaded) => slicer.run(loaded, isWanted));
    });
    if (!(made instanceof Promise)) return this.#send(request, reply, plan, made);
    return made.then(
      (answer) => this.#send(request, reply, plan, answer),
      (error: unknown) => {
        // Whoever asked has left: there is nobody to answer.
        if (error instanceof Cancelled) return reply.hijack();
        throw error;
      },
    );
  }

  #send(request: FastifyRequest, reply: FastifyReply, plan: Plan, made: Made): FastifyReply {
    const { pieces, headers } = made;
    const bytes = this.#payCompressing(request, pieces);
    return reply
      .headers({
        'content-type': contentTypeOf(plan.mediaType),
        'content-length': bytes,
        'cache-control': cacheControlOf(plan),
        etag: plan.etag,
        ...headers,
      })
      .send(bodyOf(pieces));
  }

  /**
   * Answers part by part, as they are made: no faster than the client reads, and than its address
   * may have computed. An error on the way ends the connection: nobody takes a part for all.
   */
  stream(request: FastifyRequest, reply: FastifyReply, whole: Whole): FastifyReply {
    const { mediaType, headers, parts } = whole;
    reply.headers({
      'content-type': contentTypeOf(mediaType),
      'cache-control': ASK_AGAIN,
      ...headers,
    });
    if (request.method === 'HEAD') return reply.send('');
    const isWanted = () => !reply.raw.destroyed;
    return reply.send(
      Readable.from(this.#piecesOf(request, parts, isWanted), { objectMode: false }),
    );
  }

  async *#piecesOf(
    request: FastifyRequest,
    parts: Whole['parts'],
    isWanted: () => boolean,
  ): AsyncGenerator<Uint8Array, void, void> {
    const { addresses, clock, slicer } = this.#service;
    const address = addresses.of(request.ip);
    try {
      for (const { cost, steps } of parts) {
        const pay = () => address.pay(cost, clock.steadyMs(), REQUEST_COST);
        for (let waitMs = pay(); waitMs > 0; waitMs = pay()) {
          await sleep(Math.min(waitMs, MOST_WAIT_MS));
          if (!isWanted()) return;
        }
        const pieces = await slicer.run(steps(), isWanted);
        this.#payCompressing(request, pieces);
        yield* pieces;
      }
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
    }
  }

  /**
   * Pays for compressing what was made, and gives how many bytes that is. How small they get is not
   * known before, nor whether that is asked for: it is paid afterwards.
   */
  #payCompressing(request: FastifyRequest, pieces: Pieces): number {
    const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const isLong = bytes >= COMPRESSED.compress.threshold;
    if (request.method === 'GET' && isLong && wantsCompressed(request)) {
      const { addresses, clock } = this.#service;
      addresses.of(request.ip).spend(compressingCost(bytes), clock.steadyMs());
    }
    return bytes;
  }
}

/** Whether a client has its answers compressed. */
function wantsCompressed(request: FastifyRequest): boolean {
  return encodingFor(request, ['zstd', 'br', 'gzip', 'deflate', 'identity']) !== 'identity';
}

function cacheControlOf({ isImmutable }: Plan): string {
  return isImmutable ? IMMUTABLE : ASK_AGAIN;
}

/** Whoever is answered by `reply`, until it leaves. */
function askerOf({ raw }: FastifyReply) {
  return {
    onGone(then: () => void) {
      if (raw.destroyed) then();
      else raw.once('close', then);
    },
  };
}

import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import { REQUEST_COST } from '../budgets/cost.ts';
import type { Service } from '../service.ts';
import { Cancelled } from '../slicer.ts';
import { bodyOf, type Making, type Pieces } from './body.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether it reads its body itself, of any length, as it comes: by `answerUpload`. */
    takesUpload?: boolean;
  }
}

/** Requests whose bodies may be of any length. */
const uploads = new WeakSet<IncomingMessage>();

/** So many bytes must come in the time that a whole request has otherwise. */
const LEAST_BYTES = 2 ** 14;
/** Whoever waits for more work looks this often whether the client is still there. */
const MOST_WAIT_MS = 1000;

/** Whether a request need not be there whole when its time is over. */
export function isUpload(request: IncomingMessage | undefined): boolean {
  return request !== undefined && uploads.has(request);
}

/** What takes the bytes of a body, and makes an answer of them. */
export interface Upload {
  /** What it costs to read a byte, as `cost.ts` counts. */
  readonly byteCost: number;
  take(bytes: Uint8Array): Generator<unknown, void, void>;
  /** What was spent since it was asked last beside the bytes. */
  spent(): number;
  /** What it all comes to. */
  finish(): Making;
}

/** Has a body be left to who answers, if its route reads it itself; gives whether it is. */
export function leaveToRoute({ raw, routeOptions: { config } }: FastifyRequest): boolean {
  if (config.takesUpload !== true) return false;
  uploads.add(raw);
  return true;
}

/** Answers what the body of a request comes to. Rejects with a `TickwellError` on a wrong one. */
export async function answerUpload(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  upload: Upload,
  headers: Readonly<Record<string, string>>,
): Promise<FastifyReply> {
  try {
    const pieces = await readUpload(service, request, reply, upload);
    return reply.headers(headers).send(bodyOf(pieces));
  } catch (error) {
    // There is nobody to answer.
    if (error instanceof Cancelled) return reply.hijack();
    throw error;
  }
}

/**
 * What the body of a request comes to: read no faster than its address may have computed, a slice
 * at a time. Rejects with `Cancelled` if the client leaves.
 */
async function readUpload(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  upload: Upload,
): Promise<Pieces> {
  const { addresses, clock, limits, slicer } = service;
  const { raw, ip } = request;
  const address = addresses.of(ip);
  const isWanted = () => !reply.raw.destroyed;
  const spend = () => address.spend(upload.spent(), clock.steadyMs());
  const body = bytesOf(request);
  const patience = new Patience(limits.requestMs, clock);
  try {
    for (;;) {
      const bytes = await patience.next(body);
      if (bytes === undefined) break;
      const cost = bytes.length * upload.byteCost;
      const pay = () => address.pay(cost, clock.steadyMs(), REQUEST_COST);
      for (let waitMs = pay(); waitMs > 0; waitMs = pay()) {
        await sleep(Math.min(waitMs, MOST_WAIT_MS));
        if (!isWanted()) throw new Cancelled();
      }
      await slicer.run(upload.take(bytes), isWanted);
      spend();
    }
    return await slicer.run(upload.finish(), isWanted);
  } catch (error) {
    if (!isWanted() || (raw.destroyed && !raw.complete)) throw new Cancelled();
    throw isOfZlib(error) ? packedWrong(error.code) : error;
  } finally {
    spend();
    // It holds the rest back otherwise.
    void body.return?.();
    leaveRest(raw, limits.requestMs);
  }
}

/** Waits for a body, as long as it comes fast enough. */
class Patience {
  readonly #wholeMs: number;
  readonly #clock: Service['clock'];
  #leftMs: number;
  #bytes = 0;

  constructor(wholeMs: number, clock: Service['clock']) {
    this.#wholeMs = wholeMs;
    this.#leftMs = wholeMs;
    this.#clock = clock;
  }

  /** The next bytes; undefined if there are no more. */
  async next(body: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
    const startMs = this.#clock.steadyMs();
    const next = body.next();
    // Whoever is not waited for any more may still fail.
    next.catch(() => {});
    const late = new AbortController();
    const isLate = sleep(this.#leftMs, true, { signal: late.signal }).catch(() => false);
    try {
      const first = await Promise.race([next, isLate]);
      if (typeof first === 'boolean') throw this.#tooSlow();
      if (first.done === true) return undefined;
      this.#bytes += first.value.length;
      this.#leftMs -= this.#clock.steadyMs() - startMs;
      if (this.#bytes >= LEAST_BYTES) {
        this.#bytes = 0;
        this.#leftMs = this.#wholeMs;
      } else if (this.#leftMs <= 0) throw this.#tooSlow();
      return first.value;
    } finally {
      late.abort();
    }
  }

  #tooSlow(): TickwellError {
    const rule = `the body must come with ${LEAST_BYTES} bytes at least in ${this.#wholeMs} ms`;
    return new TickwellError('timed_out', `${rule}; given: ${this.#bytes}`);
  }
}

/** The bytes of a body, unpacked if they are packed. */
function bytesOf({ raw, headers }: FastifyRequest): AsyncIterator<Buffer> {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    const rule = 'Content-Encoding of the body must be gzip or none';
    throw new TickwellError('unsupported_media_type', `${rule}; given: ${quoted(encoding)}`);
  }
  // What is left when it is done with must still be read: to destroy it is to hang up.
  const options = { destroyOnReturn: false };
  if (encoding === 'identity') return raw.iterator(options);
  const unpacked = createGunzip();
  raw.once('close', () => {
    if (!raw.complete) unpacked.destroy();
  });
  return raw.pipe(unpacked).iterator(options);
}

function isOfZlib(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));
}

function packedWrong(code: string): TickwellError {
  const rule = 'the body must be what gzip makes, as its Content-Encoding says';
  return new TickwellError('bad_request', `${rule}; given: ${code}`);
}

/** Reads past what is left of a body: who sends it all first learns what was wrong only then. */
function leaveRest(raw: IncomingMessage, mostMs: number): void {
  if (raw.complete) return;
  raw.unpipe();
  // Once whoever read it listens no more: until then it would not flow.
  setImmediate(() => raw.resume());
  const cut = setTimeout(() => raw.destroy(), mostMs);
  raw.once('close', () => clearTimeout(cut));
  raw.once('end', () => clearTimeout(cut));
}

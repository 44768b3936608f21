import { promisify } from 'node:util';
import { brotliCompress, constants, crc32, deflateRaw, gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendingCost } from '../budgets/cost.ts';
import type { Pay } from '../budgets/work.ts';
import { remember } from '../remember.ts';
import { bodyOf } from './body.ts';
import { isKnown, tagOf } from './caching.ts';

const [deflated, zipped, brotlied] = [
  promisify(deflateRaw),
  promisify(gzip),
  promisify(brotliCompress),
];

/** Smaller ones get hardly smaller. Source: the size of a packet. */
const LEAST_BYTES = 1024;
/** Once for all who ask: the best that gzip has, and what brotli does at 50 ms a megabyte. */
const LEVEL = 9;
const QUALITY = 5;

/** The start of every gzip file here: compressed, nothing else said, best compression. */
const GZIP_HEAD = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff);
const GZIP_END_BYTES = 8;
/** In front of bytes that are stored as they are. Source: RFC 1951, section 3.2.4. */
const STORED_HEAD_BYTES = 5;
const MOST_STORED_BYTES = 2 ** 16 - 1;

/**
 * What `make` gives, made when it is first asked for: a promise until it is there. One that fails
 * is made again next time.
 */
export function once<T>(make: () => Promise<T>): () => T | Promise<T> {
  let made: T | Promise<T> | undefined;
  return () => {
    made ??= make().then(
      (value) => {
        made = value;
        return value;
      },
      (error: unknown) => {
        made = undefined;
        throw error;
      },
    );
    return made;
  };
}

/** A body in each of the ways it can be sent. */
interface Encoded {
  readonly encoding: 'br' | 'gzip' | 'identity';
  readonly bytes: Buffer;
}

/** Bytes that never change, ready to be sent: compressed once, with a tag of their own. */
export class ReadyBody {
  readonly etag: string;
  /** The preferred first. */
  readonly #encoded: readonly Encoded[];

  private constructor(plain: Buffer, encoded: readonly Encoded[]) {
    this.etag = tagOf(plain);
    this.#encoded = [...encoded, { encoding: 'identity', bytes: plain }];
  }

  /** Compresses `plain`, on another thread, unless that would gain little. */
  static async of(plain: Buffer): Promise<ReadyBody> {
    if (plain.byteLength < LEAST_BYTES) return new ReadyBody(plain, []);
    const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY };
    const [br, gz] = await Promise.all([
      brotlied(plain, { params }),
      zipped(plain, { level: LEVEL }),
    ]);
    const encoded = [
      { encoding: 'br', bytes: br },
      { encoding: 'gzip', bytes: gz },
    ] as const;
    return new ReadyBody(
      plain,
      encoded.filter(({ bytes }) => bytes.byteLength < 0.95 * plain.byteLength),
    );
  }

  /** Sends it, or that it is known; what that costs beside the request is paid by `pay`. */
  send(request: FastifyRequest, reply: FastifyReply, pay: Pay): FastifyReply {
    const known = isKnown(request.headers['if-none-match'], this.etag);
    void reply.headers({ etag: this.etag, vary: 'accept-encoding' });
    if (known) return reply.code(304).send();
    const { encoding, bytes } = this.chosenBy(request);
    return sendAs(reply, encoding, [bytes], pay);
  }

  /** The bytes that a client wants most. */
  chosenBy(request: FastifyRequest): Encoded {
    const names = this.#encoded.map(({ encoding }) => encoding);
    const chosen = encodingFor(request, names);
    return this.#encoded.find(({ encoding }) => encoding === chosen)!;
  }
}

/**
 * Bytes that never change with a few behind them that do, such as the time. As gzip those are
 * stored as they are, behind what was compressed once.
 *
 *     gzip head │ blocks of what never changes │ one stored block │ checksum, length
 */
export class ReadyStart {
  readonly #plain: Uint8Array;
  readonly #zipped: Uint8Array;
  readonly #checksum: number;

  private constructor(plain: Uint8Array, blocks: Uint8Array) {
    this.#plain = plain;
    this.#zipped = Buffer.concat([GZIP_HEAD, blocks]);
    this.#checksum = crc32(plain);
  }

  /** Compresses `plain`, on another thread. */
  static async of(plain: Uint8Array): Promise<ReadyStart> {
    // Flushed to a whole byte, and without an end: another block can follow.
    const finishFlush = constants.Z_SYNC_FLUSH;
    return new ReadyStart(plain, await deflated(plain, { level: LEVEL, finishFlush }));
  }

  /** Sends it with `rest` behind it, of at most 65,535 bytes; what that costs is paid by `pay`. */
  send(request: FastifyRequest, reply: FastifyReply, rest: string, pay: Pay): FastifyReply {
    const end = Buffer.from(rest);
    void reply.header('vary', 'accept-encoding');
    const encoding = encodingFor(request, ['gzip', 'identity']);
    const isZipped = encoding === 'gzip' && this.#plain.byteLength >= LEAST_BYTES;
    if (isZipped) return sendAs(reply, 'gzip', [this.#zipped, this.#zippedEnd(end)], pay);
    return sendAs(reply, 'identity', [this.#plain, end], pay);
  }

  #zippedEnd(end: Uint8Array): Uint8Array {
    const length = end.byteLength;
    if (length > MOST_STORED_BYTES) throw new Error('what changes is short');
    const bytes = Buffer.allocUnsafe(STORED_HEAD_BYTES + length + GZIP_END_BYTES);
    // The last block, and stored.
    bytes.writeUInt8(1, 0);
    bytes.writeUInt16LE(length, 1);
    bytes.writeUInt16LE(MOST_STORED_BYTES - length, 3);
    bytes.set(end, STORED_HEAD_BYTES);
    bytes.writeUInt32LE(crc32(end, this.#checksum), STORED_HEAD_BYTES + length);
    const wholeBytes = this.#plain.byteLength + length;
    bytes.writeUInt32LE(wholeBytes % 2 ** 32, STORED_HEAD_BYTES + length + 4);
    return bytes;
  }
}

/** Headers that were read, for each list of encodings. */
const MOST_ACCEPTED = 256;
const choosers = new Map<string, (accepted: string) => string>();

/**
 * The one of `encodings` that a client wants most; the last one if it wants none of them. There are
 * a handful of lists of them.
 */
export function encodingFor<E extends string>(
  { headers }: FastifyRequest,
  encodings: readonly E[],
): E {
  const name = encodings.join();
  let choose = choosers.get(name);
  if (choose === undefined) {
    choose = remember(MOST_ACCEPTED, (accepted) => {
      const known = accepted.toLowerCase().replace(/\bx-gzip\b/g, 'gzip');
      return negotiate(known, [...encodings]) ?? encodings.at(-1)!;
    });
    choosers.set(name, choose);
  }
  return choose(headers['accept-encoding'] ?? '') as E;
}

function sendAs(
  reply: FastifyReply,
  encoding: Encoded['encoding'],
  pieces: readonly Uint8Array[],
  pay: Pay,
): FastifyReply {
  const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  pay(sendingCost(bytes));
  if (encoding !== 'identity') void reply.header('content-encoding', encoding);
  return reply.header('content-length', bytes).send(bodyOf(pieces));
}

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { FastifyReply } from 'fastify';

/** The body of an answer, in one of the forms that it may be sent in. */
export type Payload = string | Buffer | Readable | null | undefined;

/** How many bytes a body has; undefined where only its end will tell. */
export function lengthOf(payload: Payload, reply?: FastifyReply): number | undefined {
  if (payload === null || payload === undefined) return 0;
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  if (Buffer.isBuffer(payload)) return payload.byteLength;
  const header = reply?.getHeader('content-length');
  return header === undefined ? undefined : Number(header);
}

export async function bytesOf(payload: Payload): Promise<Buffer> {
  if (payload instanceof Readable) return buffer(payload);
  return Buffer.from(payload ?? '');
}

/**
 * A body of at most so many bytes, in one piece; of a longer one `bytes` is undefined, and `whole`
 * is what it was.
 */
export async function upTo(
  most: number,
  payload: Payload,
  known: number | undefined,
): Promise<{ readonly whole: Payload; readonly bytes: Buffer | undefined }> {
  if (known !== undefined && known > most) return { whole: payload, bytes: undefined };
  if (!(payload instanceof Readable)) return { whole: payload, bytes: await bytesOf(payload) };
  const pieces = payload[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const begun: Buffer[] = [];
  let length = 0;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    begun.push(next.value);
    length += next.value.byteLength;
    if (length > most) return { whole: Readable.from(goingOn(begun, pieces)), bytes: undefined };
  }
  const bytes = Buffer.concat(begun);
  return { whole: bytes, bytes };
}

/** What was read of a body, and the rest of it. */
async function* goingOn(
  begun: readonly Buffer[],
  pieces: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer, void, void> {
  try {
    yield* begun;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      yield next.value;
    }
  } finally {
    await pieces.return?.();
  }
}

export function piecesOf(payload: Payload): AsyncIterable<Buffer> | readonly Buffer[] {
  if (payload instanceof Readable) return payload;
  return [Buffer.from(payload ?? '')];
}

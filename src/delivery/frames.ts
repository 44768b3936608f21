import { ByteCache } from '../core/market/byte-cache.ts';
import type { Lists } from '../core/market/columns.ts';
import type { Field } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import type { Encoder, Frame } from './encoder.ts';

/** Which rows a body holds, and how. */
export interface BodyOf {
  readonly encoder: Encoder;
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  /** Equal for the same fields of the same columns in the same order. */
  readonly wantedKey: string;
  /** The rows `[cursor, next)`. */
  readonly cursor: number;
  readonly next: number;
}

/** Which body a frame holds, for whom, and how far behind the head. */
export interface FrameOf extends BodyOf {
  readonly id: number;
  readonly head: number;
}

/** The most bytes of bodies that are kept for other readers, with all that each takes. */
const CACHE_BYTES = 4 * 2 ** 20;
/** Of them, what remains when room is made: bodies are many and small. */
const KEPT_PART = 0.75;
/** What a kept body takes beside its bytes: a key, an entry of a map, a buffer. */
const ENTRY_BYTES = 512;

/**
 * Rows as the bytes that go to a socket. A body is made once for all readers that need the same.
 *
 *     frame = head (id, range, lag) + body (values)
 *
 * A body depends on the columns and the range alone, and rows never change. So it is shared by
 * readers with other ids, and kept for those that catch up over the same rows later. No body is a
 * view of the ring.
 */
export class Frames {
  readonly #bodies = new ByteCache<string, Uint8Array>(CACHE_BYTES, KEPT_PART);

  /** The frame, if its body is at hand. */
  get(of: FrameOf): Frame | undefined {
    const body = this.bodyOf(of);
    return body === undefined ? undefined : this.frameOf(of, body);
  }

  /** The body, if it is at hand. */
  bodyOf(of: BodyOf): Uint8Array | undefined {
    return this.kept(bodyKey(of));
  }

  /** A body that was kept under a key. */
  kept(key: string): Uint8Array | undefined {
    return this.#bodies.get(key);
  }

  /** Keeps a body for a while. The key says in which encoding it is, and what it holds. */
  keep(key: string, body: Uint8Array): void {
    this.#bodies.set(key, body, ENTRY_BYTES + key.length + body.byteLength);
  }

  /** The frame of rows that `readRows` has given; made at once, so only for few values. */
  make(of: FrameOf, values: Lists): Frame {
    return this.frameOf(of, finish(this.encode(of, values)));
  }

  /** The frame of a body that `encode` made of the same rows. */
  frameOf(of: FrameOf, body: Uint8Array): Frame {
    const { encoder, id, cursor, next, head } = of;
    encoder.putBody(body, of, cursor, next, head);
    return encoder.frameFor(id);
  }

  /** Makes the body of a frame and keeps it for a while; yields often. */
  *encode(of: BodyOf, values: Lists): Generator<void, Uint8Array, void> {
    const body = yield* of.encoder.encode(of.fields, values, {
      columns: of.columns,
      from: of.cursor,
    });
    this.keep(bodyKey(of), body);
    return body;
  }
}

function bodyKey({ encoder, wantedKey, cursor, next }: BodyOf): string {
  return `${encoder.bodyKind.number} ${cursor} ${next} ${wantedKey}`;
}

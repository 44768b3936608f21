import type { Grade } from '../../../core/grading/grade.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { GradedFormat } from '../formats/format.ts';
import type { Grading } from './grading.ts';
import { type Reader, readerOf } from './reader.ts';

/** Bytes by which it is seen how a recording is written. */
const LOOKED_AT = 8;
/** Of a stream of Apache Arrow; no text in UTF-8 has such a byte. */
const ARROW_MARK = 0xff;
const GZIP = [0x1f, 0x8b];

/** What was recorded, from its bytes as they come; how it is written, they tell themselves. */
export class Recording {
  readonly #grading: Grading;
  readonly #format: GradedFormat | undefined;
  #reader: Reader | undefined;
  /** Too few to tell yet. */
  #first: Buffer = Buffer.alloc(0);

  /** `format` is what it is said to be, if it is. */
  constructor(grading: Grading, format: GradedFormat | undefined) {
    this.#grading = grading;
    this.#format = format;
  }

  /** Takes the next bytes; yields often. Throws a `TickwellError` on what is wrong. */
  *take(bytes: Uint8Array): Generator<void, void, void> {
    if (this.#reader !== undefined) {
      yield* this.#reader.take(bytes);
      return;
    }
    this.#first = Buffer.concat([this.#first, bytes]);
    if (this.#first.length >= LOOKED_AT) yield* this.#begin();
  }

  /** The grade, when nothing comes any more. */
  *finish(): Generator<void, Grade, void> {
    if (this.#reader === undefined) yield* this.#begin();
    yield* this.#reader!.end();
    return yield* this.#grading.finish();
  }

  *#begin(): Generator<void, void, void> {
    const first = this.#first;
    this.#first = Buffer.alloc(0);
    this.#reader = readerOf(this.#format ?? formatSeen(first), this.#grading);
    yield* this.#reader.take(first);
  }
}

function formatSeen(first: Buffer): GradedFormat {
  if (GZIP.every((byte, n) => first[n] === byte)) {
    const rule = 'the recording must be unpacked, or say that it is packed';
    throw new TickwellError('bad_request', `${rule}; given: gzip`);
  }
  if (first[0] === ARROW_MARK || first.toString('latin1', 0, 6) === 'ARROW1') return 'arrow';
  const [mark] = /[^\s\ufeff]/.exec(first.toString('utf8')) ?? [];
  if (mark === '[') {
    const rule = 'the recording must have a line for each record';
    throw new TickwellError('bad_request', `${rule}; given: a list of JSON`);
  }
  return mark === '{' ? 'ndjson' : 'csv';
}

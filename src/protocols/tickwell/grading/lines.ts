import { lineProblem } from './problem.ts';

const LINE_END = 0x0a;
const RETURN = 0x0d;

/** A line of ten thousand symbols, all fields of each, is a tenth of it. */
const MOST_LINE_BYTES = 2 ** 23;

/**
 * The lines of a text, from its bytes as they come. Empty ones may stand at its end alone: in
 * between they would be records that somebody lost.
 */
export class Lines {
  /** The line that was found last: the bytes `[from, next)`, without its end. */
  buffer: Buffer = Buffer.alloc(0);
  from = 0;
  next = 0;
  /** Its number, from 1 on. */
  number = 0;
  /** Where the one behind it begins. */
  #at = 0;
  /** Where its end is looked for. */
  #searched = 0;
  #isEnded = false;
  /** The first of empty lines that nothing has followed yet. */
  #emptyLine = 0;

  /** Adds bytes behind those before; what was found is over. */
  add(bytes: Uint8Array): void {
    const rest = this.buffer.subarray(this.#at);
    const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.buffer = rest.length === 0 ? given : Buffer.concat([rest, given]);
    this.#searched = rest.length;
    this.#at = 0;
  }

  /** Says that nothing comes any more: what is left is a line. */
  end(): void {
    this.#isEnded = true;
  }

  /** Goes to the next line that is not empty, if there is one. Throws on one that is wrong. */
  advance(): boolean {
    for (;;) {
      const { buffer } = this;
      const from = this.#at;
      let end = buffer.indexOf(LINE_END, Math.max(from, this.#searched));
      if (end < 0) {
        if (buffer.length - from > MOST_LINE_BYTES) {
          const rule = `must be of at most ${MOST_LINE_BYTES} bytes`;
          throw lineProblem(this.number + 1, rule, 'more');
        }
        if (!this.#isEnded || from >= buffer.length) return false;
        end = buffer.length;
      }
      this.#at = end + 1;
      this.number += 1;
      this.from = from;
      this.next = end > from && buffer[end - 1] === RETURN ? end - 1 : end;
      if (this.next > from) {
        if (this.#emptyLine === 0) return true;
        const rule = 'must not be empty, as there are others behind it';
        throw lineProblem(this.#emptyLine, rule, '');
      }
      if (this.#emptyLine === 0) this.#emptyLine = this.number;
    }
  }
}

/** Takes lines as they come whole, by what is done to all that are there. */
export abstract class LineReader {
  protected readonly lines = new Lines();

  /** Takes the next bytes; yields often. Throws a `TickwellError` on a line that is wrong. */
  *take(bytes: Uint8Array): Generator<void, void, void> {
    this.lines.add(bytes);
    yield* this.takeLines();
  }

  /** Takes what is left, when there are no more bytes. */
  *end(): Generator<void, void, void> {
    this.lines.end();
    yield* this.takeLines();
  }

  protected abstract takeLines(): Generator<void, void, void>;
}

import { type Frame, frameOf } from '../../../delivery/encoder.ts';

/** Room for the head of a message and that of its frame, which are written backwards from here. */
export const PAYLOAD_AT = 64;
const FIRST_BYTES = 2 ** 14;
const MOST_SHORT_BYTES = 125;
const MOST_MEDIUM_BYTES = 0xffff;
const MEDIUM = 126;
const LONG = 127;
const TEN = 10;
const ZERO = 48;

/**
 * Where frames are put together. The payload is the same for all, what stands before it is written
 * for each reader anew:
 *
 *     0 ……… start ────────── PAYLOAD_AT ────────── end
 *             └─ heads, with the id └─ payload
 *
 * It is never handed out: frames are copies.
 */
export class Pad {
  bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  words = new DataView(this.bytes.buffer);
  /** Where the payload ends. */
  end = PAYLOAD_AT;

  /** Has room for so many bytes in all; what has been written stays. */
  reserve(bytes: number): void {
    if (bytes <= this.bytes.byteLength) return;
    const { bytes: old } = this;
    this.bytes = Buffer.allocUnsafeSlow(2 * bytes);
    this.words = new DataView(this.bytes.buffer);
    this.bytes.set(old);
  }

  /** Writes a text of ASCII from `at` on, where there is room for it; gives where it ends. */
  writeText(text: string, at: number): number {
    const { bytes } = this;
    for (let n = 0; n < text.length; n++) bytes[at + n] = text.charCodeAt(n);
    return at + text.length;
  }

  /** Writes the digits of a whole number that end at `at`; gives where they start. */
  writeWholeBefore(at: number, whole: number): number {
    const { bytes } = this;
    let rest = whole;
    let start = at;
    do {
      const next = Math.floor(rest / TEN);
      start -= 1;
      bytes[start] = ZERO + rest - next * TEN;
      rest = next;
    } while (rest > 0);
    return start;
  }

  /**
   * The message from `start` to the end as a frame of a server: final, unmasked. Source: RFC 6455,
   * section 5.2.
   */
  webSocketFrame(opcode: number, start: number): Frame {
    const { bytes, end } = this;
    const length = end - start;
    let at = start;
    if (length <= MOST_SHORT_BYTES) {
      bytes[--at] = length;
    } else {
      const isMedium = length <= MOST_MEDIUM_BYTES;
      for (let rest = length, n = isMedium ? 2 : 8; n > 0; n--) {
        bytes[--at] = rest & 0xff;
        rest = Math.floor(rest / 0x100);
      }
      bytes[--at] = isMedium ? MEDIUM : LONG;
    }
    bytes[--at] = opcode;
    return frameOf(bytes, at, end);
  }
}

/** How a connection ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

export const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Takes the bytes that a WebSocket server sends apart into frames, in whatever pieces they come. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /** The frames that `bytes` complete. Throws on what this project's server never sends. */
  *push(bytes: Buffer): Generator<Frame, void, void> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const { length } = this.#rest;
      if (length < 2) return;
      const [first, second] = this.#rest;
      if ((first & 0xf0) !== 0x80 || second >= 0x80) {
        throw new Error('a frame must be whole, plain and unmasked; given: another');
      }
      const start = second === 127 ? 10 : second === 126 ? 4 : 2;
      if (length < start) return;
      const size =
        start === 10
          ? Number(this.#rest.readBigUInt64BE(2))
          : start === 4
            ? this.#rest.readUInt16BE(2)
            : second;
      if (length < start + size) return;
      const payload = this.#rest.subarray(start, start + size);
      this.#rest = this.#rest.subarray(start + size);
      yield { opcode: first & 0x0f, payload };
    }
  }
}

/** A frame as a client sends it; `payload` has at most 65,535 bytes. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const isShort = payload.length < 126;
  const frame = Buffer.alloc((isShort ? 6 : 8) + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (isShort ? payload.length : 126);
  if (!isShort) frame.writeUInt16BE(payload.length, 2);
  // With a mask of zeros the payload stands as it is.
  payload.copy(frame, frame.length - payload.length);
  return frame;
}

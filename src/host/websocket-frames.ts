/** Frames of WebSockets, as a server sends them. Source: RFC 6455, section 5. */

export const TEXT = 0x81;
export const BINARY = 0x82;
const PING = 0x89;
const PONG = 0x8a;

/** A message as a WebSocket frame of a server: final, unmasked. Source: RFC 6455, section 5.2. */
export function webSocketText(text: string): Buffer {
  return webSocketFrame(TEXT, [Buffer.from(text)]);
}

/** The same of a text of ASCII, as a text of one byte a character: several can stand in one. */
export function webSocketAscii(text: string): string {
  const { length } = text;
  if (length < 126) return String.fromCharCode(TEXT, length) + text;
  if (length < 65_536) return String.fromCharCode(TEXT, 126, length >> 8, length & 0xff) + text;
  return webSocketText(text).toString('latin1');
}

/** The same of a message of bytes. */
export function webSocketBinary(bytes: Uint8Array): Buffer {
  return webSocketFrame(BINARY, [bytes]);
}

/** What stands before a message of so many bytes of text, where each character is one byte. */
export function webSocketTextHead(bytes: number): string {
  if (bytes < 126) return String.fromCharCode(TEXT, bytes);
  if (bytes < 65_536) return String.fromCharCode(TEXT, 126, bytes >> 8, bytes & 0xff);
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(bytes));
  return String.fromCharCode(TEXT, 127, ...head);
}

/** A ping whose pong will carry `number`, of 32 bits. */
export function webSocketPing(number: number): Buffer {
  const frame = Buffer.allocUnsafe(6);
  frame[0] = PING;
  frame[1] = 4;
  frame.writeUInt32BE(number, 2);
  return frame;
}

/** The answer to a ping with this payload. */
export function webSocketPong(payload: Uint8Array): Buffer {
  return webSocketFrame(PONG, [payload]);
}

/** A message by its first byte: `TEXT` or `BINARY`. */
export interface WebSocketMessage {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** A message as a frame. */
export function webSocketMessage({ opcode, payload }: WebSocketMessage): Buffer {
  return webSocketFrame(opcode, [payload]);
}

/** The messages in whole frames of a server, one after the other; payloads are views. */
export function webSocketMessages(
  frames: Buffer,
): { readonly opcode: number; readonly payload: Buffer }[] {
  const messages: { readonly opcode: number; readonly payload: Buffer }[] = [];
  for (let at = 0; at < frames.length; ) {
    const [opcode, short] = [frames[at]!, frames[at + 1]!];
    at += 2;
    let length = short;
    if (short === 126) {
      length = frames.readUInt16BE(at);
      at += 2;
    } else if (short === 127) {
      length = Number(frames.readBigUInt64BE(at));
      at += 8;
    }
    messages.push({ opcode, payload: frames.subarray(at, at + length) });
    at += length;
  }
  return messages;
}

function webSocketFrame(opcode: number, parts: readonly Uint8Array[]): Buffer {
  const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const head = bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + bytes);
  frame[0] = opcode;
  if (head === 2) {
    frame[1] = bytes;
  } else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
  let at = head;
  for (const part of parts) {
    frame.set(part, at);
    at += part.byteLength;
  }
  return frame;
}

import {
  TEXT,
  type WebSocketMessage,
  webSocketMessage,
  webSocketMessages,
  webSocketPing,
  webSocketText,
} from '../../host/websocket-frames.ts';
import type { Frame } from '../encoder.ts';

/** What stands around messages on the way to a client, for who damages them. */
export interface Framing {
  ping(number: number): Frame;
  /** A message that is no more than this text. */
  garbage(text: string): Frame;
  /** A frame whose last message ends in its middle. */
  half(frame: Frame): Frame;
}

/** Of WebSockets. */
export const SOCKET_FRAMING: Framing = {
  ping: webSocketPing,
  garbage: webSocketText,
  half(frame) {
    const messages = webSocketMessages(bytesOf(frame));
    return framed(
      messages.map(({ opcode, payload }, n) => {
        const isLast = n === messages.length - 1;
        return { opcode, payload: isLast ? payload.subarray(0, payload.length >> 1) : payload };
      }),
    );
  },
};

const DATA = 'data: ';
const EVENT_END = '\n\n';

/** Of event streams. */
export const EVENT_FRAMING: Framing = {
  ping() {
    throw new Error('an event stream has no pings');
  },
  garbage: (text) => textFrame(`${DATA}${text.replaceAll(/[\r\n]/g, ' ')}${EVENT_END}`),
  half(frame) {
    const text = bytesOf(frame).toString('latin1');
    const from = text.lastIndexOf(DATA) + DATA.length;
    const end = text.length - EVENT_END.length;
    return text.slice(0, from + ((end - from) >> 1)) + EVENT_END;
  },
};

/** The JSON messages of a frame of a WebSocket, each changed; other messages stay as they are. */
export function withMessages(frame: Frame, change: (json: never) => void): Frame {
  const messages = webSocketMessages(bytesOf(frame)).map(({ opcode, payload }) => {
    if (opcode !== TEXT) return { opcode, payload };
    return { opcode, payload: Buffer.from(changed(payload.toString(), change)) };
  });
  return framed(messages);
}

/** The same of the binary messages, as bytes. */
export function withBytes(frame: Frame, change: (bytes: Uint8Array) => Uint8Array): Frame {
  const messages = webSocketMessages(bytesOf(frame)).map(({ opcode, payload }) => {
    return opcode === TEXT ? { opcode, payload } : { opcode, payload: change(payload) };
  });
  return framed(messages);
}

/** The data of the events of a frame, each changed. */
export function withEvents(frame: Frame, change: (json: never) => void): Frame {
  const events = bytesOf(frame).toString('utf8').split(EVENT_END).slice(0, -1);
  const text = events.map((event) => {
    const at = event.indexOf(DATA) + DATA.length;
    return event.slice(0, at) + changed(event.slice(at), change) + EVENT_END;
  });
  return textFrame(text.join(''));
}

function changed(text: string, change: (json: never) => void): string {
  const json: unknown = JSON.parse(text);
  change(json as never);
  return JSON.stringify(json);
}

/** Bytes, of UTF-8, as a frame. */
function textFrame(text: string): Frame {
  return Buffer.from(text).toString('latin1');
}

function framed(messages: readonly WebSocketMessage[]): Frame {
  return Buffer.concat(messages.map(webSocketMessage));
}

function bytesOf(frame: Frame): Buffer {
  if (typeof frame === 'string') return Buffer.from(frame, 'latin1');
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
}

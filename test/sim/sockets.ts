import type { ServerResponse } from 'node:http';
import type { Frame } from '../../src/delivery/encoder.ts';
import type { Socket } from '../../src/delivery/socket.ts';
import { webSocketPing } from '../../src/host/websocket-frames.ts';
import { ChunkReader } from '../helpers/chunks.ts';
import type { Pipe } from './pipe.ts';

const CLOSE = 0x88;

/** What a server did with a socket, as it happened. */
export interface Watcher {
  /** One write: a whole message, ping or close, and how many bytes it takes on the way. */
  wrote(bytes: Uint8Array, bytesOnWire: number): void;
  pinged(number: number): void;
  closed(code: number): void;
}

/** What a socket sends of a frame. */
export function bytesOf(frame: Frame): Uint8Array {
  return typeof frame === 'string' ? Buffer.from(frame, 'latin1') : frame;
}

/** The server's end of a WebSocket, as a plain object over a pipe. */
export function simulatedSocket(pipe: Pipe, watcher: Watcher): Socket {
  const write = (frame: Frame) => {
    const bytes = bytesOf(frame);
    watcher.wrote(bytes, bytes.byteLength);
    pipe.write(bytes);
  };
  const ping = (number: number) => {
    const frame = webSocketPing(number);
    write(frame);
    watcher.pinged(number);
  };
  return {
    wire: {
      get writableLength() {
        return pipe.bufferedBytes;
      },
      write,
    },
    write,
    cork: () => pipe.cork(),
    uncork: () => pipe.uncork(),
    ping,
    control: write,
    cut: () => watcher.closed(1006),
    writeAndPing(frames, number) {
      pipe.cork();
      write(frames);
      ping(number);
      pipe.uncork();
    },
    close(code, reason) {
      const text = Buffer.from(reason);
      const frame = Buffer.alloc(4 + text.length);
      frame[0] = CLOSE;
      frame[1] = 2 + text.length;
      frame.writeUInt16BE(code, 2);
      text.copy(frame, 4);
      write(frame);
      watcher.closed(code);
    },
  };
}

/**
 * The server's end of an HTTP answer without an end, as far as an event stream uses it: written to
 * by itself, or past it to its socket, in whole chunks.
 */
export function simulatedResponse(pipe: Pipe, watcher: Watcher): ServerResponse {
  const cork = () => pipe.cork();
  const uncork = () => pipe.uncork();
  const socket = {
    ...{ writable: true, cork, uncork },
    resetAndDestroy: () => watcher.closed(1006),
    write(chunk: Frame) {
      const bytes = bytesOf(chunk);
      const bodies = [...new ChunkReader().push(bytes)];
      if (bodies.length !== 1)
        throw new Error(`a write must be one chunk; given: ${bodies.length}`);
      watcher.wrote(bodies[0]!, bytes.byteLength);
      pipe.write(bytes);
    },
  };
  const response = {
    ...{ socket, chunkedEncoding: true, cork, uncork },
    get writableLength() {
      return pipe.bufferedBytes;
    },
    write(event: string | Uint8Array, encoding: BufferEncoding = 'utf8') {
      const body = typeof event === 'string' ? Buffer.from(event, encoding) : event;
      const head = `${body.byteLength.toString(16)}\r\n`;
      socket.write(Buffer.concat([Buffer.from(head), body, Buffer.from('\r\n')]));
    },
    end() {
      pipe.write(Buffer.from('0\r\n\r\n'));
      watcher.closed(1000);
    },
    destroy: () => watcher.closed(1006),
  };
  return response as unknown as ServerResponse;
}

import type { Socket as TcpSocket } from 'node:net';
import type { WebSocket } from 'ws';
import { webSocketPing } from '../host/websocket-frames.ts';
import type { Frame } from './encoder.ts';
import type { Socket } from './socket.ts';

/** A WebSocket whose rows go to its TCP socket, as frames made once for all; ws does the rest. */
export class StreamSocket implements Socket {
  readonly wire: TcpSocket;
  readonly #webSocket: WebSocket;

  constructor(webSocket: WebSocket, wire: TcpSocket) {
    this.#webSocket = webSocket;
    this.wire = wire;
  }

  write(frames: Frame): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.wire.write(frames, 'latin1');
  }

  cork(): void {
    this.wire.cork();
  }

  uncork(): void {
    this.wire.uncork();
  }

  ping(number: number): void {
    this.write(webSocketPing(number));
  }

  writeAndPing(frames: Frame, number: number): void {
    const ping = webSocketPing(number);
    if (typeof frames === 'string') this.write(frames + ping.toString('latin1'));
    else this.write(Buffer.concat([frames, ping]));
  }

  control(frame: Frame): void {
    this.write(frame);
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  cut(): void {
    this.wire.resetAndDestroy();
  }
}

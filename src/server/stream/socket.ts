/** What a connection needs of a socket: `ws` has it, and so has a plain object in a test. */
export interface Socket {
  /** Bytes handed over that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /** Hands over whole frames; they are sent as they are. */
  write(frames: Uint8Array): void;
  /** Everything written until `uncork` goes out in one system call. */
  cork(): void;
  uncork(): void;
  /** Sends a ping whose pong will carry `number`. */
  ping(number: number): void;
  /** Does both, in one write: a ping by itself costs as much as the frame before it. */
  writeAndPing(frames: Uint8Array, number: number): void;
  close(code: number, reason: string): void;
}

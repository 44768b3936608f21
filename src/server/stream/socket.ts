/** What the stream needs of a socket: `ws` has it, and so has a plain object in a test. */
export interface Socket {
  /** Bytes handed over that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /** Hands over one text frame; `onSent` is called when the kernel has taken it. */
  send(text: string | Uint8Array, onSent: () => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

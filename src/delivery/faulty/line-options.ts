import type { Frame } from '../encoder.ts';
import type { FaultLine } from './fault-line.ts';

/** Where a line ends: the way to a client. */
export interface LineEnd {
  /** Bytes handed over that the kernel has not taken yet. */
  readonly waitingBytes: number;
  write(frame: Frame): void;
  /** Resets the connection. */
  cut(): void;
  close(code: number, reason: string): void;
}

export interface LineOptions {
  readonly end: LineEnd;
  /** The host's steady clock. */
  readonly nowMs: () => number;
  /** Is told whenever it changes when the line is to be looked at again. */
  readonly wake: (line: FaultLine) => void;
  /** Is told when it has been looked at because it was due: there may be room again. */
  readonly released: () => void;
  /** The most bytes that it hands over before the kernel takes them. */
  readonly handedBytes: number;
  /** How long a connection is left half open. */
  readonly halfOpenMs: number;
}

/** How a message goes. */
export interface Sending {
  /** It comes so much later. */
  readonly delayMs?: number;
  /** Others do not wait for it meanwhile. */
  readonly overtaken?: boolean;
}

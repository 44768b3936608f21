import type { LogMessage } from './log-state.ts';

/** What a log is read again for, when it is come back to. */
export interface Resumed {
  /** How many entries were read; 0 for a log that was never read. */
  readonly count: number;
  /** Whether it may be made, where it is not there. */
  readonly mayMake: boolean;
}

/** What a log is like that was come to. */
export interface Found {
  /** The number of its last message. */
  readonly lastSeq: number;
  /** The newest entry that was read before, as it has it now; none if it has that no more. */
  readonly entry: Uint8Array | undefined;
}

/** Who hears what comes of a session. */
export interface SessionHandler {
  opened(found: Found): void;
  /** In order, each once; of seals maybe only the newest. */
  read(message: LogMessage): void;
  /** Once; nothing comes after it. */
  ended(error: Error): void;
}

/** What is appended. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  /** Its place, of an entry; seals take the place of one another. */
  readonly place: number | undefined;
  /** The number of the message that it must come right behind. */
  readonly behind: number;
}

/** One connection to a broker, from when it is asked for until it ends. */
export interface LogSession {
  /** Reads what comes behind message `seq`, from now on. */
  follow(seq: number): void;
  /**
   * Sends a message. What is answered is no answer: whether it is in is read from the log. `failed`
   * may be called if it was refused, or could not be kept.
   */
  append(message: Outgoing, failed: (error: AppendFailed) => void): void;
  close(): void;
}

/** Why a message may not be in. */
export interface AppendFailed {
  /** Whether another one is said to stand in its place. */
  readonly isRefused: boolean;
  readonly message: string;
}

/** Where a log is. */
export interface LogTransport {
  /** What it is called in a sentence. */
  readonly name: string;
  /** Connects, to the next of the servers each time. */
  open(resumed: Resumed, handler: SessionHandler): LogSession;
}

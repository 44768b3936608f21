import type { LogLine } from '../host/control/log-lines.ts';
import { TickwellError } from '../wire/errors.ts';
import { writeMessage } from './log-message.ts';
import type { LogMessage, LogState } from './log-state.ts';

/** What was not answered is sent again, the same bytes to the same place. */
const AGAIN_MS = 500;
/** Who waits longer is told that nobody knows. */
const GIVEN_UP_MS = 10_000;

/** What to write behind all that was read; undefined if that has it already. May throw. */
type Make = () => LogLine | undefined;

/** Something that somebody wants written. */
interface Wanted {
  readonly make: Make;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
  /** Given up from then on. */
  readonly untilMs: number;
  /** What was sent, and when last. */
  sent: (Sent & { atMs: number }) | undefined;
}

/** Bytes, and the message that they are to come right behind. */
interface Sent {
  readonly bytes: Uint8Array;
  readonly behind: number;
}

/**
 * What is to be written, one after the other.
 *
 * Nothing that is answered is believed, only what is read. A message is sent to be right behind the
 * last one that was read. If another one is read there, it is not in and never will be, and is made
 * anew; if nothing is, the same bytes go to the same place again. So each is in once, and whoever
 * makes one has read all that is ahead of it.
 */
export class Appends {
  /** Messages that were sent, and those in whose place another one stood. */
  readonly counts = { sent: 0, refused: 0 };
  readonly #state: LogState;
  readonly #wanted: Wanted[] = [];

  constructor(state: LogState) {
    this.#state = state;
  }

  get isEmpty(): boolean {
    return this.#wanted.length === 0;
  }

  /**
   * Comes back when it was read in the log. Rejects with what `make` throws, and with a
   * `TickwellError` where it was not read for long.
   */
  add(make: Make, steadyMs: number): Promise<void> {
    return new Promise((done, failed) => {
      const untilMs = steadyMs + GIVEN_UP_MS;
      this.#wanted.push({ make, done, failed, untilMs, sent: undefined });
    });
  }

  /** What to send now, if something is; to be called when all was read that there is. */
  next(steadyMs: number): Sent | undefined {
    for (let first = this.#wanted[0]; first !== undefined; first = this.#wanted[0]) {
      if (first.sent !== undefined) {
        if (steadyMs - first.sent.atMs < AGAIN_MS) return undefined;
        first.sent.atMs = steadyMs;
        return first.sent;
      }
      const line = madeOf(first);
      if (line === undefined) {
        this.#wanted.shift();
        continue;
      }
      const { ahead } = this.#state;
      const bytes = writeMessage({ ...ahead, line });
      first.sent = { bytes, behind: ahead.behind, atMs: steadyMs };
      this.counts.sent += 1;
      return first.sent;
    }
    return undefined;
  }

  /** Looks at a message that was read: whether it is what was sent, or stands in its place. */
  read({ seq, bytes }: LogMessage): void {
    const [first] = this.#wanted;
    if (first?.sent === undefined || seq <= first.sent.behind) return;
    if (Buffer.compare(bytes, first.sent.bytes) === 0) {
      this.#wanted.shift();
      first.done();
    } else {
      this.counts.refused += 1;
      first.sent = undefined;
    }
  }

  /** Tells those who have waited for too long. */
  look(steadyMs: number): void {
    for (let first = this.#wanted[0]; first !== undefined; first = this.#wanted[0]) {
      if (steadyMs < first.untilMs) return;
      this.#wanted.shift();
      const rule = `the log has not answered for ${GIVEN_UP_MS / 1000} s`;
      const why =
        first.sent === undefined
          ? 'nothing was done'
          : 'ask again with the same key, whether it was done or not';
      first.failed(new TickwellError('not_ready', `${rule}: ${why}`));
    }
  }

  /** Nothing is sent any more. */
  stop(): void {
    for (const { failed } of this.#wanted.splice(0)) failed(stopped());
  }
}

/** Undefined if there is nothing to be sent of it, and whoever wants it was told. */
function madeOf({ make, done, failed }: Wanted): LogLine | undefined {
  try {
    const line = make();
    if (line === undefined) done();
    return line;
  } catch (error) {
    failed(error);
    return undefined;
  }
}

export function stopped(): TickwellError {
  return new TickwellError('not_ready', 'the server is shutting down');
}

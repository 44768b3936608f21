import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Waits until a reader that is only slow has caught up; what comes beyond it is dropped. */
const MOST_WAITING_BYTES = 2 ** 18;
/** How long until something that could not be written is tried again. */
const RETRY_MS = 100;
/** Pieces of at most this size get into a pipe whole: lines of several processes do not mix. */
const PIECE_BYTES = 4096;

/** Standard output or standard error, as far as it matters here. */
interface StandardStream {
  readonly fd: number;
  on(event: 'error', listener: () => void): unknown;
}

/**
 * Writes lines to standard output or standard error and waits for nobody: whatever that is, full,
 * closed, a pipe that nobody reads, a terminal that stands still.
 *
 *     write - the descriptor, at once
 *        \
 *         waiting, some - tried again
 *            \
 *             dropped, counted, and told once there is room
 *
 * A line is written before `write` returns, if it can be: a process that dies has said why. Streams
 * of Node take up any number of lines, or fail for good; pino's own writer tries for ever.
 *
 * Whether a full descriptor fails or waits is said of the open file, and whoever shares that may
 * say otherwise: Node does when it starts a process and when it ends. So a pipe is opened again.
 */
export class LineWriter {
  readonly #stream: StandardStream;
  #fd: number | undefined;
  readonly #onDropped: (lines: number) => void;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #dropped = 0;
  #untold = 0;

  /** `onDropped` is called when lines can be written again after so many were dropped. */
  constructor(stream: StandardStream, onDropped: (lines: number) => void = () => {}) {
    this.#stream = stream;
    this.#onDropped = onDropped;
    // What others write to it may fail too, and is no reason to end.
    stream.on('error', () => {});
  }

  /** Lines that were dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes text that ends with a line's end. */
  readonly write = (text: string): void => {
    const bytes = Buffer.from(text);
    if (this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      this.#dropped += 1;
      this.#untold += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#timer === undefined) this.#writeWaiting();
  };

  /** Resolves when nothing waits any more; what cannot be written within `mostMs` is dropped. */
  async flush(mostMs: number): Promise<void> {
    for (let ms = 0; ms < mostMs && this.#waiting.length > 0; ms += RETRY_MS) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      this.#writeWaiting();
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dropped += this.#waiting.length;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }

  #writeWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
        const written = this.#writeSome(bytes);
        this.#waitingBytes -= written;
        // Of a line that was begun the rest goes first.
        if (written < bytes.length) this.#waiting[0] = bytes.subarray(written);
        else this.#waiting.shift();
      }
    } catch {
      // A log must not keep a process alive that has nothing else to do.
      this.#timer = setTimeout(() => this.#writeWaiting(), RETRY_MS).unref();
      return;
    }
    const untold = this.#untold;
    this.#untold = 0;
    if (untold > 0) this.#onDropped(untold);
  }

  /** Writes the first piece of it; gives how many bytes that were. Throws if there is no room. */
  #writeSome(bytes: Buffer): number {
    const { fd } = this.#stream;
    this.#fd ??= ownPipe(fd) ?? fd;
    // Again each time, just before: others who share it may have it wait by now.
    if (this.#fd === fd) unblock(this.#stream);
    return writeSync(this.#fd, bytes, 0, Math.min(bytes.length, PIECE_BYTES));
  }
}

/**
 * A descriptor of the same pipe that says that it is full whatever others do to `fd`; none if that
 * is no pipe, or cannot be opened: of another user, or not on Linux. Throws while nobody reads it.
 */
function ownPipe(fd: number): number | undefined {
  if (!fstatSync(fd).isFIFO()) return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') throw error;
    return undefined;
  }
}

/**
 * Sees to it that a descriptor says that it is full, instead of having the process wait. Node asks
 * pipes and sockets for that when it makes a stream of them, terminals never.
 */
function unblock(stream: StandardStream): void {
  const { _handle: handle } = stream as { _handle?: { setBlocking?(isBlocking: boolean): void } };
  handle?.setBlocking?.(false);
}

/** What was handed over in one write, and where the market's head stood then. */
interface Written {
  readonly bytes: Uint8Array;
  readonly end: number;
}

export interface PipeOptions {
  /** What the kernels between server and client hold. */
  readonly kernelBytes: number;
  /** Above it, a write asks for a `drain`. */
  readonly highWaterBytes: number;
  /** Whether the kernel takes bytes by itself as soon as it can; else when it is told. */
  readonly isEager: boolean;
}

/**
 * One way from a server to a client: nothing is lost or reordered, everything may be late.
 *
 *     written ──► buffered here ──► taken by the kernel ──► read by the client
 *
 * It keeps what it is given as it is, without a copy, as a socket does: whoever changes bytes later
 * changes what the client reads.
 */
export class Pipe {
  readonly #options: PipeOptions;
  readonly #chunks: Written[] = [];
  #written = 0;
  #uncorked = 0;
  #taken = 0;
  #read = 0;
  #corks = 0;
  #needsDrain = false;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  get bufferedBytes(): number {
    return this.#written - this.#taken;
  }

  get writtenBytes(): number {
    return this.#written;
  }

  /** On the way: written and not read. */
  get waitingBytes(): number {
    return this.#written - this.#read;
  }

  write(bytes: Uint8Array): void {
    this.#written += bytes.byteLength;
    this.#chunks.push({ bytes, end: this.#written });
    if (this.#corks === 0) this.#release();
  }

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    if (this.#corks === 0) throw new Error('only what is corked is uncorked');
    this.#corks -= 1;
    if (this.#corks === 0) this.#release();
  }

  /** Whether a batch is being put together. */
  get isCorked(): boolean {
    return this.#corks > 0;
  }

  /** The kernel takes so many bytes, if it has room; gives whether the server is to be told. */
  take(bytes: number): boolean {
    const { kernelBytes } = this.#options;
    const most = Math.min(this.#uncorked, this.#read + kernelBytes);
    this.#taken = Math.max(this.#taken, Math.min(most, this.#taken + bytes));
    if (!this.#needsDrain || this.bufferedBytes > 0) return false;
    this.#needsDrain = false;
    return true;
  }

  /** The client reads so many bytes of what has reached the kernel. */
  read(bytes: number): Uint8Array[] {
    const from = this.#read;
    const next = Math.min(this.#taken, from + bytes);
    const pieces: Uint8Array[] = [];
    this.#read = next;
    while (this.#chunks.length > 0) {
      const { bytes: chunk, end } = this.#chunks[0];
      const start = end - chunk.byteLength;
      if (start >= next) break;
      pieces.push(chunk.slice(Math.max(0, from - start), Math.min(chunk.byteLength, next - start)));
      if (end > next) break;
      this.#chunks.shift();
    }
    return pieces;
  }

  #release(): void {
    this.#uncorked = this.#written;
    if (this.bufferedBytes >= this.#options.highWaterBytes) this.#needsDrain = true;
    // What is taken at once is never told: the write itself says so.
    if (this.#options.isEager) {
      this.#taken = Math.min(this.#uncorked, this.#read + this.#options.kernelBytes);
      if (this.bufferedBytes === 0) this.#needsDrain = false;
    }
  }
}

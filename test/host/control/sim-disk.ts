import type { LogFile } from '../../../src/host/control/log-file.ts';

/** What is done to a file, in the order in which it is asked for. */
export type Step = 'size' | 'read' | 'append' | 'writeAgain' | 'cut' | 'sync' | 'close';

/**
 * A file on a disk that fails when it is told to.
 *
 *     cache   what programs see; it outlives them, not a power cut
 *     disk    what a power cut leaves
 *
 * A sync that fails forgets what it should have written, as those of Linux do: the next one says
 * that all is well.
 */
export class SimDisk {
  cache = Buffer.alloc(0);
  disk = Buffer.alloc(0);
  /** What a sync has to write, from and to where. */
  #dirty: [from: number, to: number][] = [];
  /** What was written since the last sync, in order. */
  #written: { readonly at: number; readonly bytes: Buffer }[] = [];
  /** Called before each step; may throw, or wait. */
  before: (step: Step) => void | Promise<void> = () => {};
  /** The most bytes that one append takes. */
  mostBytes = Number.POSITIVE_INFINITY;
  /** Bytes that the disk has room for. */
  room = Number.POSITIVE_INFINITY;
  readonly steps: Step[] = [];

  constructor(content: Uint8Array | string = '') {
    this.cache = Buffer.from(content);
    this.disk = Buffer.from(content);
  }

  get text(): string {
    return this.cache.toString('utf8');
  }

  /** Opens it, as a program does. */
  open(): LogFile {
    const step = async (name: Step) => {
      this.steps.push(name);
      await this.before(name);
    };
    return {
      name: 'market.log',
      size: async () => {
        await step('size');
        return this.cache.length;
      },
      read: async (at, length) => {
        await step('read');
        return Uint8Array.from(this.cache.subarray(at, at + length));
      },
      append: async (bytes) => {
        await step('append');
        const free = this.room - this.cache.length;
        if (free <= 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        const written = bytes.subarray(0, Math.min(bytes.length, this.mostBytes, free));
        this.write(this.cache.length, written);
        return written.length;
      },
      writeAgain: async (at, bytes) => {
        await step('writeAgain');
        this.write(at, bytes);
      },
      cut: async (size) => {
        await step('cut');
        this.cache = this.cache.subarray(0, size);
        this.disk = this.disk.subarray(0, size);
        this.#dirty = this.#dirty.map(([from, to]) => [Math.min(from, size), Math.min(to, size)]);
      },
      sync: async () => {
        try {
          await step('sync');
        } catch (error) {
          this.#dirty = [];
          throw error;
        }
        const length = Math.max(this.disk.length, ...this.#dirty.map(([, to]) => to));
        const disk = Buffer.alloc(length);
        this.disk.copy(disk);
        for (const [from, to] of this.#dirty) this.cache.copy(disk, from, from, to);
        this.disk = disk;
        this.#dirty = [];
        this.#written = [];
      },
      close: () => step('close'),
    };
  }

  /** Writes, whoever does. */
  write(at: number, bytes: Uint8Array): void {
    const cache = Buffer.alloc(Math.max(this.cache.length, at + bytes.length));
    this.cache.copy(cache);
    cache.set(bytes, at);
    this.cache = cache;
    this.#dirty.push([at, at + bytes.length]);
    this.#written.push({ at, bytes: Buffer.from(bytes) });
  }

  /** Bytes that were written since the last sync, some of them over others. */
  get unsynced(): number {
    return this.#written.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** What is there after a crash that left only the first so many of these. */
  crashed(count: number): SimDisk {
    const left = new SimDisk(this.disk);
    let rest = count;
    for (const { at, bytes } of this.#written) {
      left.write(at, bytes.subarray(0, rest));
      rest -= Math.min(rest, bytes.length);
      if (rest === 0) break;
    }
    return new SimDisk(left.cache);
  }

  /** What is there after a power cut that lost all that was not synced. */
  afterPowerCut(): SimDisk {
    return new SimDisk(this.disk);
  }

  /** What is there after a crash that left only the first `size` bytes. */
  cutTo(size: number): SimDisk {
    return new SimDisk(this.cache.subarray(0, size));
  }
}

/** An error as the system gives it. */
export function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

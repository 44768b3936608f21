import * as fs from 'node:fs';
import { constants, fstatSync, ftruncateSync, readFileSync, statSync } from 'node:fs';
import { access, open, realpath, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inQuotes } from '../core/market/quoted.ts';
import { readMarketFile } from './market-file.ts';
import { placeProblem } from './place-problem.ts';
import { UsageError } from './usage-error.ts';

const STDOUT = 1;

const syncFile = promisify(fs.fsync);

/** How far a reader is: all up to `until` is written, of which `market` speaks. */
export interface Cursor {
  readonly market: string;
  /** Milliseconds since 1970 UTC. */
  readonly until: number;
  /** Whether anything was written, such as a header. */
  readonly isBegun: boolean;
  /** What was asked for, to go on with the same. */
  readonly asked: Readonly<Record<string, string>>;
  /** Where standard output is a file: which one, and how long it was. */
  readonly output?: { readonly file: string; readonly bytes: number };
}

/**
 * A file that says how far a reader is. It is written anew beside itself and takes its own place:
 * whenever this process ends, it is whole. The output goes to the disk before it does.
 *
 *     set(1)  set(2)  set(3)
 *       └─ being written ─┘└─ then this one: those in between are not
 */
export class CursorFile {
  readonly #path: string;
  readonly #part: string;
  #next: Cursor | undefined;
  #writing: Promise<void> | undefined;
  #problem: Error | undefined;

  private constructor(path: string) {
    this.#path = path;
    this.#part = join(dirname(path), `.${basename(path)}.part`);
  }

  /** Throws a `UsageError` for what cannot be one. */
  static async open(file: string): Promise<CursorFile> {
    if (file === '') throw new UsageError(['cursor must be a file; given: ""']);
    try {
      if (file.endsWith('/')) throw Object.assign(new Error(), { code: 'EISDIR' });
      const folder = await realpath(dirname(file));
      const path = await realpath(file).catch(() => join(folder, basename(file)));
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
      // Found now, not after all the work.
      await access(folder, constants.W_OK);
      return new CursorFile(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new UsageError([placeProblem('cursor', file, 'written', code)]);
    }
  }

  /** What the file says; undefined if there is none. Throws a `UsageError` on what is no cursor. */
  read(): Cursor | undefined {
    let text: string;
    try {
      text = readMarketFile(this.#path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new UsageError([placeProblem('cursor', this.#path, 'read', code)]);
    }
    const cursor = cursorIn(text);
    if (cursor !== undefined) return cursor;
    const rule = 'cursor must be a file that tickwell follow has written';
    throw new UsageError([`${rule}; given: ${inQuotes(this.#path)}`]);
  }

  /** Has it say so before long. Throws if what was to be said before could not be. */
  set(cursor: Cursor): void {
    if (this.#problem !== undefined) throw this.#problem;
    this.#next = cursor;
    this.#writing ??= this.#write();
  }

  /** Resolves when it says what it was to say last. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#problem !== undefined) throw this.#problem;
  }

  async #write(): Promise<void> {
    try {
      while (this.#next !== undefined) {
        const cursor = this.#next;
        this.#next = undefined;
        await this.#replace(`${JSON.stringify(cursor)}\n`, cursor.output !== undefined);
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.#problem = new Error(placeProblem('cursor', this.#path, 'written', code));
    }
    this.#writing = undefined;
  }

  async #replace(text: string, isOutputFile: boolean): Promise<void> {
    // A power cut must not leave a cursor without its rows.
    if (isOutputFile) await syncFile(STDOUT);
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW = 0 } = constants;
    const part = await open(this.#part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o666);
    try {
      await part.writeFile(text);
      await part.sync();
    } finally {
      await part.close();
    }
    await rename(this.#part, this.#path);
  }
}

/** What the text of a file says; undefined if that is no cursor. */
function cursorIn(text: string): Cursor | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { market, until, isBegun, asked, output } = (value ?? {}) as Partial<Cursor>;
  const isCursor =
    typeof market === 'string' &&
    typeof isBegun === 'boolean' &&
    Number.isSafeInteger(until) &&
    typeof asked === 'object' &&
    asked !== null &&
    (output === undefined ||
      (typeof output?.file === 'string' &&
        Number.isSafeInteger(output.bytes) &&
        output.bytes >= 0));
  return isCursor ? (value as Cursor) : undefined;
}

/** The file that standard output is appended to, and how long it is; undefined if it is no such. */
export function appendedOutput(): Cursor['output'] {
  const { dev, ino, size: bytes } = fstatSync(STDOUT);
  return isAppendedTo() ? { file: `${dev}:${ino}`, bytes } : undefined;
}

/**
 * Cuts standard output to where a cursor is, if it is the file of that and is appended to: what is
 * behind was written without it. Gives how many bytes that were.
 */
export function cutOutput({ output }: Cursor): number {
  const now = output === undefined ? undefined : appendedOutput();
  if (now === undefined || now.file !== output?.file || now.bytes <= output.bytes) return 0;
  ftruncateSync(STDOUT, output.bytes);
  return now.bytes - output.bytes;
}

/** Whether standard output is a file that is written to at its end, wherever that is. */
function isAppendedTo(): boolean {
  if (!fstatSync(STDOUT).isFile()) return false;
  try {
    const [, flags = ''] =
      /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/1', 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & constants.O_APPEND) !== 0;
  } catch {
    // Only Linux tells.
    return false;
  }
}

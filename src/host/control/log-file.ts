import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inQuotes } from '../../core/market/quoted.ts';
import { WrongLog } from './log-lines.ts';

/** A file as a log needs it: places and lengths are in bytes. Tests have one that fails. */
export interface LogFile {
  /** What a sentence about it calls it. */
  readonly name: string;
  /** How long it is now, whoever wrote to it. */
  size(): Promise<number>;
  /** Up to `length` bytes from `at` on; none at its end. */
  read(at: number, length: number): Promise<Uint8Array>;
  /** Writes some of `bytes` behind all that there is; gives how many. */
  append(bytes: Uint8Array): Promise<number>;
  /** Writes the last of its bytes once more, in their place. */
  writeAgain(at: number, bytes: Uint8Array): Promise<void>;
  /** Cuts it off. */
  cut(size: number): Promise<void>;
  /** Comes back when a power cut would lose nothing of it. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file was moved away or put in place of another under a program that writes to it. */
const REPLACED = 'REPLACED';

/** Opens a file, or makes it. Throws `WrongLog` on what keeps nothing, such as a pipe. */
export async function openLogFile(path: string): Promise<LogFile> {
  const { O_APPEND, O_CREAT, O_RDWR } = constants;
  // Only what is added can be written by this: of two writers none writes over the other.
  const handle = await open(path, O_APPEND | O_CREAT | O_RDWR, 0o644);
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw new WrongLog(`log must be a file; given: ${inQuotes(path)}`);
  }
  const { ino, dev } = stats;
  await syncFolder(dirname(path));
  return {
    name: path,
    async size() {
      const there = await stat(path);
      if (there.ino !== ino || there.dev !== dev) {
        throw Object.assign(new Error('another file has its name'), { code: REPLACED });
      }
      return there.size;
    },
    async read(at, length) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    },
    async append(bytes) {
      return (await handle.write(bytes, 0, bytes.length)).bytesWritten;
    },
    writeAgain: (at, bytes) => writeAt(path, at, bytes),
    cut: (size) => handle.truncate(size),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

/** What is open for adding alone cannot write anywhere else. */
async function writeAt(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    for (let done = 0; done < bytes.length; ) {
      done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
  } finally {
    await handle.close();
  }
}

/** Has the name of a file last that was made. Not every system has folders that can be synced. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, 'r');
    await folder.sync();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(code)) throw error;
  } finally {
    await folder?.close();
  }
}

/** Behind all that there is, however often the system has to be asked. */
export async function writeAll(file: LogFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await file.append(bytes.subarray(done));
    if (written === 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' });
    done += written;
  }
}

/** What a sentence calls it. */
export function nameOf({ name }: Pick<LogFile, 'name'>): string {
  return `the log ${inQuotes(name)}`;
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

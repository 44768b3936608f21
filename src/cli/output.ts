import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import {
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { access, lstat, readlink, realpath, rename } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { atEnd } from './ending.ts';
import { placeProblem } from './place-problem.ts';
import { UsageError } from './usage-error.ts';

/** Where what is generated goes. */
export interface Output {
  /** Whether a person is watching what is written. */
  readonly isTerminal: boolean;
  /** Resolves when there is room for more. */
  write(data: string | Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing half-written behind. */
  abandon(): Promise<void>;
}

const STDOUT = 1;

const close = promisify(fs.close);
const fsync = promisify(fs.fsync);
const openFile = promisify(fs.open);
/** Of an open file too, which the one with promises does not take. */
const writeFile = promisify(fs.writeFile);

/** As Linux follows them, one after the other. */
const MOST_LINKS = 40;
const MODE_BITS = 0o777;
const NEW_FILE_MODE = 0o666;
const OWN_MODE = 0o600;
const OTHERS_THAN_GROUP = 0o707;

/** Writes with `work`; what it began is taken away again if it fails. */
export async function writeOutput(
  file: string,
  work: (output: Output) => Promise<void>,
): Promise<void> {
  const output = await openOutput(file);
  try {
    await work(output);
    await output.finish();
  } catch (error) {
    await output.abandon();
    throw isSystemError(error) && error.code !== 'EPIPE' ? unwritten(file, error) : error;
  }
}

/** What the system says of a place that could not be written to the end. */
export function unwritten(place: string, { code, message }: NodeJS.ErrnoException): Error {
  const [, says = message] = /^\w+: ([^,]+)/.exec(message) ?? [];
  const name = place === '-' ? 'standard output' : place;
  return new Error(`${name} could not be written to the end: ${says} (${code})`);
}

/**
 * Standard output for `-`. A file appears under its name only once it is complete; what is no
 * regular file (a device, a pipe, a socket, an open descriptor of this process) is written to as it
 * comes. Throws a `UsageError` for what cannot be written.
 */
export async function openOutput(file: string): Promise<Output> {
  if (file === '-') return toStandardOutput();
  if (file === '') throw new UsageError(['out must be a file, or -; given: ""']);
  try {
    return await openPlace(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError([placeProblem('out', file, 'written', error.code)]);
  }
}

async function openPlace(file: string): Promise<Output> {
  // Found now, not after all the work.
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory() || file.endsWith('/')) throw refusal('EISDIR');
  const target = await targetOf(file);
  const descriptor = ownDescriptor(target);
  if (descriptor !== undefined) return toDescriptor(descriptor);
  if (stats === undefined || stats.isFile()) return toFile(target, stats);
  if (stats.isSocket()) return toSocket(target);
  return toOpen(await openFile(target, constants.O_WRONLY | (constants.O_NOCTTY ?? 0)), true);
}

/**
 * The path that `file` leads to through symbolic links, whether there is anything or not. Ends
 * early at an open descriptor of this process: what those lead to may have no path at all.
 */
async function targetOf(file: string): Promise<string> {
  let path = resolve(file);
  for (let links = 0; links < MOST_LINKS; links++) {
    path = join(await realpath(dirname(path)), basename(path));
    if (ownDescriptor(path) !== undefined) return path;
    const isLink = await lstat(path).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    if (!isLink) return path;
    path = resolve(dirname(path), await readlink(path));
  }
  throw refusal('ELOOP');
}

/** The number of the open descriptor of this process that `path` names, such as `/dev/fd/3`. */
function ownDescriptor(path: string): number | undefined {
  const match = /^\/(?:dev|proc\/(\d+)(?:\/task\/\d+)?)\/fd\/(\d+)$/.exec(path);
  if (match === null || Number(match[1] ?? process.pid) !== process.pid) return undefined;
  return Number(match[2]);
}

/** A temporary file beside `target`, that takes its place when it is complete. */
async function toFile(target: string, replaced: Stats | undefined): Promise<Output> {
  if (replaced !== undefined) await access(target, constants.W_OK);
  // Nobody can have guessed its name, and put something there to be written through.
  const part = join(dirname(target), `.tickwell-${randomBytes(8).toString('hex')}.part`);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
  const mode = replaced === undefined ? NEW_FILE_MODE : OWN_MODE;
  const remove = () => rmSync(part, { force: true });
  const forget = atEnd(remove);
  let fd: number;
  try {
    // Not in a thread: a signal meanwhile would find nothing to remove yet.
    fd = openSync(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } catch (error) {
    forget();
    throw error;
  }
  const abandon = async () => {
    await close(fd).catch(() => {});
    remove();
    forget();
  };
  try {
    if (replaced !== undefined) makeAlike(fd, replaced);
  } catch (error) {
    await abandon();
    throw error;
  }
  return {
    isTerminal: false,
    write: (data) => writeAll(fd, data),
    async finish() {
      // The name must not lead to what a power cut leaves empty.
      await fsync(fd);
      await close(fd);
      await rename(part, target);
      forget();
    },
    abandon,
  };
}

/** Gives a file the owner, as far as we may, and the permissions of the one it will replace. */
function makeAlike(fd: number, { uid, gid, mode }: Stats): void {
  const own = fstatSync(fd);
  const isDone = own.uid === uid || isAllowed(() => fchownSync(fd, uid, gid));
  const hasGroup =
    fstatSync(fd).gid === gid || (isDone && isAllowed(() => fchownSync(fd, own.uid, gid)));
  // What its group was allowed, another is not.
  fchmodSync(fd, mode & (hasGroup ? MODE_BITS : OTHERS_THAN_GROUP));
}

/** An open file; closed at the end if it is ours to close. */
function toOpen(fd: number, isOwn: boolean): Output {
  return {
    isTerminal: isatty(fd),
    write: (data) => writeAll(fd, data),
    finish: async () => {
      if (isOwn) await close(fd);
    },
    abandon: async () => {
      if (isOwn) await close(fd).catch(() => {});
    },
  };
}

/** What is open already goes on from where it is. */
function toDescriptor(fd: number): Output {
  if (fd === STDOUT) return toStandardOutput();
  fstatSync(fd);
  return toOpen(fd, false);
}

function toStandardOutput(): Output {
  // Of a thread, it is another than that of the process.
  const isStream = !isMainThread || process.stdout.isTTY || isPipe(fstatSync(STDOUT));
  // Node's stream would not say that a full disk took only a part of the last write.
  return isStream ? toStream(process.stdout) : toOpen(STDOUT, false);
}

function isPipe(stats: Stats): boolean {
  return stats.isFIFO() || stats.isSocket();
}

async function toSocket(path: string): Promise<Output> {
  const socket = createConnection({ path });
  await once(socket, 'connect');
  // The callback of each write is told.
  socket.on('error', () => {});
  const finish = () => new Promise<void>((done) => void socket.end(done));
  return { ...toStream(socket), finish, abandon: async () => void socket.destroy() };
}

function toStream(stream: Writable & { readonly isTTY?: boolean }): Output {
  return {
    isTerminal: stream.isTTY === true,
    write: (data) =>
      new Promise((done, failed) => {
        stream.write(data, (error) => (error ? failed(error) : done()));
      }),
    finish: async () => {},
    abandon: async () => {},
  };
}

/** From where the file is on; all of it, however often the system has to be asked. */
async function writeAll(fd: number, data: string | Uint8Array): Promise<void> {
  if (data.length > 0) await writeFile(fd, data);
}

function isAllowed(change: () => void): boolean {
  try {
    change();
    return true;
  } catch {
    return false;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

function refusal(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code, syscall: 'open' });
}

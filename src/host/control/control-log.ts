import type { Logger } from 'pino';
import { inQuotes } from '../../core/market/quoted.ts';
import { Durations } from '../metrics/durations.ts';
import type { LogFile } from './log-file.ts';
import { type LogLine, LogReader, WrongLog, writeLine } from './log-lines.ts';

/** Bytes that are read at a time. */
const READ_BYTES = 2 ** 16;
/** Longer lines nobody has written: the longest entry has some 20 KB. */
const MOST_LINE_BYTES = 2 ** 20;

/** The log cannot be gone on with: whoever made rows by it must end. */
export class BrokenLog extends Error {
  override readonly name = 'BrokenLog';
}

/** A line could not be written, and nothing of it is left: it may be tried again. */
export class UnwrittenLine extends Error {
  override readonly name = 'UnwrittenLine';
}

/**
 * What was done to a market, in a file: one line each, appended and synced one at a time.
 *
 *     head   names the market
 *     entry  what was done; each line has a sum over it and all before
 *     mark   how far rows may have been given
 */
export class ControlLog {
  /** How long lines took, until they were on the disk. */
  readonly times = new Durations();
  readonly #file: LogFile;
  readonly #broke: (error: BrokenLog) => void;
  readonly #steadyMs: () => number;
  /** What stands in the file, in bytes, and the sum of its last line. */
  #size: number;
  #sum: string;
  #isBroken = false;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor({ file, broke, steadyMs = () => 0 }: Logging, at: { size: number; sum: string }) {
    this.#file = file;
    this.#size = at.size;
    this.#sum = at.sum;
    this.#broke = broke;
    this.#steadyMs = steadyMs;
  }

  /** What the file has. */
  get bytes(): number {
    return this.#size;
  }

  /** Whether it takes no line any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Comes back when the line is written and synced; lines wait for those before them. */
  append(line: LogLine): Promise<void> {
    const turn = this.#turn.then(() => this.#append(line));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Closes the file, when all that was to be appended is. */
  close(): Promise<void> {
    this.#closing ??= this.#turn.then(() => {
      this.#isBroken = true;
      return this.#file.close();
    });
    return this.#closing;
  }

  async #append(line: LogLine): Promise<void> {
    if (this.#isBroken) throw new BrokenLog(`${nameOf(this.#file)} is not written any more`);
    const { text, sum } = writeLine(line, this.#sum);
    const bytes = Buffer.from(text);
    const begunMs = this.#steadyMs();
    await this.#checkAlone(this.#size);
    try {
      await writeAll(this.#file, bytes);
    } catch (error) {
      await this.#cutBack();
      throw new UnwrittenLine(`${nameOf(this.#file)} could not be written (${codeOf(error)})`);
    }
    const size = this.#size + bytes.length;
    try {
      await this.#file.sync();
    } catch (error) {
      // What of it is on the disk nobody knows, and asked again the system may say that all is.
      throw this.#break(`could not be synced (${codeOf(error)})`);
    }
    // Of two who appended at once both stood at the same place before.
    await this.#checkAlone(size);
    this.#size = size;
    this.#sum = sum;
    this.times.add((this.#steadyMs() - begunMs) / 1000);
  }

  async #checkAlone(expected: number): Promise<void> {
    let size: number;
    try {
      size = await this.#file.size();
    } catch (error) {
      throw this.#break(`is not there any more (${codeOf(error)})`);
    }
    if (size !== expected) {
      const found = `it has ${size} bytes where this process has written ${expected}`;
      throw this.#break(`has a second writer: ${found}`);
    }
  }

  /** Takes away what was written of a line. */
  async #cutBack(): Promise<void> {
    try {
      await this.#file.cut(this.#size);
      await this.#file.sync();
    } catch (error) {
      throw this.#break(`could not be cut back (${codeOf(error)})`);
    }
  }

  #break(problem: string): BrokenLog {
    const error = new BrokenLog(`${nameOf(this.#file)} ${problem}`);
    if (!this.#isBroken) {
      this.#isBroken = true;
      this.#broke(error);
    }
    return error;
  }
}

/** What a log is written by. */
interface Logging {
  readonly file: LogFile;
  /** Called once, when it cannot be gone on with. */
  readonly broke: (error: BrokenLog) => void;
  /** Says how long lines take. Default: nobody asks. */
  readonly steadyMs?: (() => number) | undefined;
}

/** How a log is opened. */
export interface LogOptions extends Logging {
  /** The id of the market that it must be of. */
  readonly market: string;
  readonly logger: Pick<Logger, 'warn'>;
  /** Takes each line but the first; throws `WrongLog` on one that it does not know. */
  readonly take: (line: LogLine) => void;
}

/**
 * Reads what a log says, and has it ready for more. Throws `WrongLog` with one sentence if it is
 * that of another market, or is damaged other than by a crash.
 */
export async function openLog(options: LogOptions): Promise<ControlLog> {
  const { file } = options;
  try {
    const reader = await readAll(options);
    await mend(options, reader);
    const log = new ControlLog(options, { size: reader.end, sum: reader.sum });
    if (reader.count === 0) await log.append(headOf(options.market));
    return log;
  } catch (error) {
    await file.close();
    if (error instanceof WrongLog) throw named(file, error);
    throw error;
  }
}

function named(file: Pick<LogFile, 'name'>, { message }: WrongLog): WrongLog {
  return new WrongLog(`${nameOf(file)}: ${message}`);
}

function headOf(market: string): LogLine {
  return { log: 'tickwell', version: 1, market };
}

/** What a log is read by. */
type Reading = Pick<LogOptions, 'market' | 'take'> & {
  readonly file: Pick<LogFile, 'name' | 'read'>;
};

/** Reads what a log says, which another process may write to. Throws as `openLog` does. */
export async function readLog(reading: Reading): Promise<void> {
  try {
    await readAll(reading);
  } catch (error) {
    if (error instanceof WrongLog) throw named(reading.file, error);
    throw error;
  }
}

async function readAll({ file, market, take }: Reading): Promise<LogReader> {
  const reader = new LogReader();
  let at = 0;
  const taken = (line: LogLine) => {
    if (reader.count > 1) take(line);
    else checkHead(line, market);
  };
  for (;;) {
    const bytes = await file.read(at, READ_BYTES);
    if (bytes.length === 0) break;
    at += bytes.length;
    for (const line of reader.read(bytes)) taken(line);
    // What is no log is not read to its end.
    if (at - reader.end > MOST_LINE_BYTES) {
      throw new WrongLog(`line ${reader.count + 1} has more than ${MOST_LINE_BYTES} bytes`);
    }
  }
  const last = reader.finish();
  if (last !== undefined) taken(last);
  if (reader.count === 0 && at > 0) await checkTornHead(file, market, at);
  return reader;
}

function checkHead(line: LogLine, market: string): void {
  if (line.log !== 'tickwell') throw new WrongLog('it must be a log of Tickwell');
  if (line.version !== 1) {
    throw new WrongLog(`its version must be 1; given: ${JSON.stringify(line.version)}`);
  }
  if (line.market !== market) {
    throw new WrongLog(`it must be the log of market ${market}; given: that of ${line.market}`);
  }
}

/** A file that only looks like what a crash left of a first line is somebody's own. */
async function checkTornHead(file: Reading['file'], market: string, size: number): Promise<void> {
  const { text } = writeLine(headOf(market), '');
  const bytes = Buffer.from(await file.read(0, text.length));
  if (size > text.length || !text.startsWith(bytes.toString('utf8'))) {
    throw new WrongLog('it must be a log of Tickwell, or empty');
  }
}

/**
 * Has the file end where its last line does that adds up, on the disk too. A life before this one
 * may have ended before it was synced, or because that failed: the system then takes for written
 * what is not. So the last line is written again, in its place.
 */
async function mend({ file, logger }: LogOptions, reader: LogReader): Promise<void> {
  const size = await file.size();
  if (size > reader.end) {
    const { count, end } = reader;
    const lost = { log: file.name, lines: count, cutBytes: size - end };
    logger.warn(lost, 'the last line of the log does not add up, and was cut off');
    await file.cut(end);
  }
  const last = await file.read(reader.lastAt, reader.end - reader.lastAt);
  if (last.length > 0) {
    await file.writeAgain(reader.lastAt, last);
    if (last.at(-1) !== LINE_END.charCodeAt(0)) {
      await writeAll(file, Buffer.from(LINE_END));
      reader.end += LINE_END.length;
    }
  }
  await file.sync();
}

const LINE_END = '\n';

/** Behind all that there is, however often the system has to be asked. */
async function writeAll(file: LogFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await file.append(bytes.subarray(done));
    if (written === 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' });
    done += written;
  }
}

/** What a sentence calls it. */
function nameOf({ name }: Pick<LogFile, 'name'>): string {
  return `the log ${inQuotes(name)}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

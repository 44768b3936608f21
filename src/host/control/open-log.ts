import type { Logger } from 'pino';
import { ControlLog, type Logging } from './control-log.ts';
import { type LogFile, nameOf, writeAll } from './log-file.ts';
import {
  type LogLine,
  LogReader,
  type MarkSlot,
  WrongLog,
  writeLine,
  writeMark,
} from './log-lines.ts';

/** Bytes that are read at a time. */
const READ_BYTES = 2 ** 16;
/** Longer lines nobody has written: the longest entry has some 20 KB. */
const MOST_LINE_BYTES = 2 ** 20;

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
    const marks = await mend(options, reader);
    const { end: size, sum, base } = reader;
    const log = new ControlLog(options, { size, sum, base, marks });
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
 * what is not. So the last line is written again, in its place; of marks both are. Gives these.
 */
async function mend({ file, logger }: LogOptions, reader: LogReader): Promise<readonly string[]> {
  const size = await file.size();
  if (size > reader.end) {
    const { count, end } = reader;
    const lost = { log: file.name, lines: count, cutBytes: size - end };
    logger.warn(lost, 'the last line of the log does not add up, and was cut off');
    await file.cut(end);
  }
  const last = await file.read(reader.lastAt, reader.end - reader.lastAt);
  if (last.length > 0 && last.at(-1) !== LINE_END.charCodeAt(0)) {
    await writeAll(file, Buffer.from(LINE_END));
    reader.end += LINE_END.length;
  }
  const marks = reader.marks.filter(({ at }) => at < reader.end);
  if (marks.length > 0) return mendMarks({ file, logger }, reader, marks);
  if (last.length > 0) await file.writeAgain(reader.lastAt, last);
  await file.sync();
  return [];
}

/** Has both marks say the furthest of what they say, one after the other: one is always whole. */
async function mendMarks(
  { file, logger }: Pick<LogOptions, 'file' | 'logger'>,
  reader: LogReader,
  marks: readonly MarkSlot[],
): Promise<readonly string[]> {
  if (marks.some(({ sum }) => sum === '')) {
    logger.warn({ log: file.name }, 'a mark of the log does not add up, and was written again');
  }
  const mark = Math.max(...marks.map((each) => each.mark));
  const { text, sum } = writeMark(mark, reader.base);
  const isThat = (slot: MarkSlot) => slot.sum === sum;
  for (const { at } of [...marks.filter((slot) => !isThat(slot)), ...marks.filter(isThat)]) {
    await file.writeAgain(at, Buffer.from(text));
    await file.sync();
  }
  reader.sum = sum;
  return marks.map(() => text);
}

const LINE_END = '\n';

import { type Logger, pino } from 'pino';
import { LineWriter } from './line-writer.ts';

/** The log of a program: lines of JSON on standard error. */
export interface ProgramLog {
  readonly logger: Logger;
  /** Lines that could not be written since the start. */
  readonly droppedLines: () => number;
  /** Resolves when all lines have been written, or after a moment in which they cannot be. */
  flush(): Promise<void>;
}

/** A reader of the last lines that takes longer does not have them. */
const FLUSH_MS = 500;

/** Opens the log: nothing that happens to standard error holds the program up. */
export function openProgramLog(level: string): ProgramLog {
  const writer = new LineWriter(process.stderr, (dropped) => {
    // An error on any level: what is missing may have been one.
    logger.error({ dropped }, 'log lines were dropped');
  });
  const logger = pino({ level }, writer);
  return { logger, droppedLines: () => writer.dropped, flush: () => writer.flush(FLUSH_MS) };
}

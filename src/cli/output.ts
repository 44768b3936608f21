import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { UsageError } from './config.ts';

/** Where generated text goes. */
export interface Output {
  /** Whether a person is watching the text itself. */
  readonly isTerminal: boolean;
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing half-written behind. */
  abandon(): Promise<void>;
}

/** Standard output for `-`, else a file that appears under its name only once it is complete. */
export async function openOutput(file: string): Promise<Output> {
  if (file === '-') return standardOutput();
  if (file === '') throw new UsageError(['out must be a file, or -; given: ""']);
  // Found now, not after all the work.
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError([`out must be a file that can be written; given: ${file} (EISDIR)`]);
  }
  const part = `${file}.part`;
  const stream = createWriteStream(part);
  try {
    await once(stream, 'open');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError([`out must be a file that can be written; given: ${file} (${code})`]);
  }
  return {
    isTerminal: false,
    write: (text) => writeTo(stream, text),
    async finish() {
      stream.end();
      await once(stream, 'close');
      await rename(part, file);
    },
    async abandon() {
      stream.destroy();
      await rm(part, { force: true });
    },
  };
}

function standardOutput(): Output {
  const { stdout } = process;
  return {
    isTerminal: stdout.isTTY,
    write: (text) => writeTo(stdout, text),
    finish: async () => {},
    abandon: async () => {},
  };
}

async function writeTo(stream: Writable, text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain');
}

import { Durations } from '../metrics/durations.ts';
import { codeOf, type LogFile, nameOf, writeAll } from './log-file.ts';
import { type LogLine, MARK_BYTES, SLOTS, writeLine, writeMark } from './log-lines.ts';

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
 *     mark   how far rows may have been given: twice, and written over by the next one
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
  /** The same of the last line that is no mark. */
  #base: string;
  /** The marks behind that, in their places: none of them is torn. */
  #marks: readonly string[];
  #isBroken = false;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor({ file, broke, steadyMs = () => 0 }: Logging, at: LogEnd) {
    this.#file = file;
    this.#size = at.size;
    this.#sum = at.sum;
    this.#base = at.base;
    this.#marks = at.marks;
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
    return this.#inTurn(async () => {
      const { text, sum } = writeLine(line, this.#sum);
      await this.#append(text, sum);
      this.#base = sum;
      this.#marks = [];
    });
  }

  /**
   * The same of a mark. It takes the place of the mark before it, if nothing came between: first of
   * one of the two that there are, then of the other. So a log grows by what is done alone.
   */
  mark(mark: number): Promise<void> {
    return this.#inTurn(async () => {
      const { text, sum } = writeMark(mark, this.#base);
      const before = this.#marks.length;
      for (let slot = before; slot < SLOTS; slot++) {
        await this.#append(text, sum);
        this.#marks = [...this.#marks, text];
      }
      for (let slot = 0; slot < before; slot++) await this.#writeOver(slot, text, sum);
    });
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(async () => {
      if (this.#isBroken) throw new BrokenLog(`${nameOf(this.#file)} is not written any more`);
      const begunMs = this.#steadyMs();
      await act();
      this.times.add((this.#steadyMs() - begunMs) / 1000);
    });
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

  async #append(text: string, sum: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#checkAlone(this.#size);
    try {
      await writeAll(this.#file, bytes);
    } catch (error) {
      await this.#cutBack();
      throw new UnwrittenLine(`${nameOf(this.#file)} could not be written (${codeOf(error)})`);
    }
    const size = this.#size + bytes.length;
    await this.#sync();
    // Of two who appended at once both stood at the same place before.
    await this.#checkAlone(size);
    this.#size = size;
    this.#sum = sum;
  }

  /** Writes a mark over another, while there is one that is whole. */
  async #writeOver(slot: number, text: string, sum: string): Promise<void> {
    await this.#checkAlone(this.#size);
    const at = this.#size - (this.#marks.length - slot) * MARK_BYTES;
    try {
      await this.#file.writeAgain(at, Buffer.from(text));
    } catch (error) {
      // A part of it may be there, and the next line must not come behind that.
      throw this.#break(`could not be written over (${codeOf(error)})`);
    }
    await this.#sync();
    this.#marks = this.#marks.with(slot, text);
    this.#sum = sum;
    await this.#checkAlone(this.#size);
  }

  async #sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (error) {
      // What of it is on the disk nobody knows, and asked again the system may say that all is.
      throw this.#break(`could not be synced (${codeOf(error)})`);
    }
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
    const marks = this.#marks.join('');
    if (marks === '') return;
    const found = await this.#file.read(this.#size - marks.length, marks.length);
    if (Buffer.from(found).toString() === marks) return;
    throw this.#break('has a second writer: its mark is not that of this process');
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

/** How a log ends that is gone on with. */
export interface LogEnd {
  readonly size: number;
  readonly sum: string;
  readonly base: string;
  readonly marks: readonly string[];
}

/** What a log is written by. */
export interface Logging {
  readonly file: LogFile;
  /** Called once, when it cannot be gone on with. */
  readonly broke: (error: BrokenLog) => void;
  /** Says how long lines take. Default: nobody asks. */
  readonly steadyMs?: (() => number) | undefined;
}

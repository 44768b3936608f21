import { hash } from 'node:crypto';

/** What a line says: one of its kind, such as `entry`, and what belongs to it. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Hexadecimal digits of a sum: 128 bits, so that no chance makes two alike. */
const SUM_DIGITS = 32;
/** A line ends with its sum, which the rest of it and the line before it make. */
const LINE = /^(\{.*),"sum":"([0-9a-f]{32})"\}$/s;
const SUM = /,"sum":"[0-9a-f]{32}"\}/g;
const LINE_END = 0x0a;

/** The sum of a line over all before it: that of the last one holds those of all others. */
function sumOf(before: string, text: string): string {
  return hash('sha256', `${before}\n${text}`, 'hex').slice(0, SUM_DIGITS);
}

/** A line with its sum and its end; `before` is the sum of the one before it, empty for none. */
export function writeLine(line: LogLine, before: string): { readonly text: string; sum: string } {
  const said = JSON.stringify(line).slice(0, -1);
  const sum = sumOf(before, said);
  return { text: `${said},"sum":"${sum}"}\n`, sum };
}

/** Digits of the largest mark. */
const MARK_DIGITS = 14;

/** The bytes of a mark, with its end. */
export const MARK_BYTES = `{"mark":,"sum":""}\n`.length + MARK_DIGITS + SUM_DIGITS;

/** A mark, behind the line that has this sum and is none: as long as any other. */
export function writeMark(mark: number, before: string): { readonly text: string; sum: string } {
  const said = `{"mark":${String(mark).padEnd(MARK_DIGITS)}`;
  const sum = sumOf(before, said);
  return { text: `${said},"sum":"${sum}"}\n`, sum };
}

/** What a line says, and its sum; undefined if it does not add up. */
function readLine(text: string, before: string): { line: LogLine; sum: string } | undefined {
  const [, said = '', sum = ''] = LINE.exec(text) ?? [];
  if (sum === '' || sum !== sumOf(before, said)) return undefined;
  try {
    return { line: JSON.parse(`${said}}`) as LogLine, sum };
  } catch {
    return undefined;
  }
}

/** Whether a text begins with a line that adds up: then its end was there, and is not any more. */
function beginsWithLine(text: string, before: string): boolean {
  return [...text.matchAll(SUM)].some(({ 0: found, index }) => {
    return readLine(text.slice(0, index + found.length), before) !== undefined;
  });
}

/** A mark is written twice, so that one is whole while the other is written over. */
export const SLOTS = 2;

/** A mark in a log, in bytes; without a sum it is torn. */
export interface MarkSlot {
  readonly at: number;
  readonly length: number;
  readonly mark: number;
  readonly sum: string;
}

/** Why a log cannot be read, as the end of a sentence that begins with its name. */
export class WrongLog extends Error {}

/**
 * Reads a log from its bytes, as they come.
 *
 *     line line mark mark rest
 *               │         └─ a line without its end: whole, or torn by a crash
 *               └─ the same twice, each with a sum over the line before both
 *
 * One of two marks may be torn. Any other line that does not add up is forgiven if nothing comes
 * behind it.
 */
export class LogReader {
  /** Of the last line that adds up. */
  sum = '';
  /** Of the last one that is no mark. */
  base = '';
  /** The marks behind that one. */
  marks: readonly MarkSlot[] = [];
  /** Where the last line begins and where it ends, with its end, if it has one. */
  lastAt = 0;
  end = 0;
  /** Lines that add up. */
  count = 0;
  #rest: Uint8Array = new Uint8Array(0);
  /** Whether a line did not add up: it must be the last one, or one of two marks. */
  #isTorn = false;
  /** Where the next line begins. */
  #at = 0;

  /** The lines that `bytes` complete. Throws `WrongLog` on one behind a line that is wrong. */
  *read(bytes: Uint8Array): Generator<LogLine, void, void> {
    let from = 0;
    for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, from)) {
      const line = this.#take(joined(this.#rest, bytes.subarray(from, at)), 1);
      this.#rest = new Uint8Array(0);
      from = at + 1;
      if (line !== undefined) yield line;
    }
    this.#rest = joined(this.#rest, bytes.subarray(from));
  }

  /** The last line, where it has no end but adds up; to be called when all has been read. */
  finish(): LogLine | undefined {
    return this.#rest.length === 0 ? undefined : this.#take(this.#rest, 0);
  }

  /** Reads a line that is followed by an end of so many bytes. */
  #take(bytes: Uint8Array, endBytes: number): LogLine | undefined {
    const text = Buffer.from(bytes).toString('utf8');
    const mark = this.#takeMark(text, endBytes);
    if (mark !== undefined) return { mark };
    const before = this.marks.map(({ sum }) => sum).filter((sum) => sum !== '');
    const sums = before.length > 0 ? before : this.marks.length > 0 ? [] : [this.base];
    const found = sums.map((sum) => readLine(text, sum)).find((one) => one !== undefined);
    if (found === undefined) {
      this.#tear(text, bytes.length + endBytes);
      return undefined;
    }
    const length = bytes.length + endBytes;
    this.#note(found.sum, length, this.#at);
    this.base = found.sum;
    this.marks = [];
    return found.line;
  }

  /** Reads a mark: gives the furthest of those behind the last other line. */
  #takeMark(text: string, endBytes: number): number | undefined {
    if (text.length + 1 !== MARK_BYTES) return undefined;
    const found = this.marks.length < SLOTS ? readLine(text, this.base) : undefined;
    if (found === undefined || typeof found.line.mark !== 'number') return undefined;
    const { mark } = found.line;
    // Of two that are the same one may be torn: it is as long.
    if (this.marks.some(({ length }) => length !== MARK_BYTES)) return undefined;
    this.marks = [...this.marks, { at: this.#at, length: MARK_BYTES, mark, sum: found.sum }];
    this.#note(found.sum, text.length + endBytes, this.marks[0]!.at);
    return Math.max(...this.marks.map((each) => each.mark));
  }

  /** Takes a line that does not add up. */
  #tear(text: string, length: number): void {
    if (this.#isTorn) {
      throw new WrongLog(`line ${this.count + 1} does not add up, and there are more behind it`);
    }
    if (beginsWithLine(text, this.sum)) {
      throw new WrongLog(`line ${this.count + 1} must end with a line feed behind its sum`);
    }
    this.#isTorn = true;
    if (this.marks.length < SLOTS) {
      const torn = { at: this.#at, length: text.length + 1, mark: 0, sum: '' };
      this.marks = [...this.marks, torn];
    }
    this.#at += length;
  }

  /** Notes a line that adds up. */
  #note(sum: string, length: number, lastAt: number): void {
    this.#isTorn = false;
    this.count += 1;
    this.sum = sum;
    this.lastAt = lastAt;
    this.#at += length;
    this.end = this.#at;
  }
}

function joined(one: Uint8Array, two: Uint8Array): Uint8Array {
  return one.length === 0 ? two : Buffer.concat([one, two]);
}

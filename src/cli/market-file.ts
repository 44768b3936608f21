import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { isAlias, isNode, isScalar, Lexer, LineCounter, parseDocument, visit } from 'yaml';
import { visible } from '../core/market/quoted.ts';
import { NO_WRITER } from './place-problem.ts';

/** 10,000 instruments with a name and some numbers each; what is the same for all is `defaults`. */
const MOST_BYTES = 2 ** 20;
/** Words and marks of YAML, of which a parser makes objects: ten for each line of such a file. */
const MOST_TOKENS = 500_000;
/** A market file needs six; a parser goes down into each, and back through all above it. */
const MOST_DEPTH = 200;
/** Each is looked for in all that comes before it. */
const MOST_ALIASES = 100;

/** One list has as many entries as there may be instruments; a map has a few names. */
const MOST_ENTRIES = 20_000;
/** Whoever is to write into a pipe has been started by then. */
const WRITER_MS = 3000;
const LOOK_MS = 20;

/** The text of a market file. Throws if it cannot be read, or is too long. */
export function readMarketFile(file: string): string {
  // What a file says of its size need not be so: devices and pipes have none.
  const bytes = Buffer.alloc(MOST_BYTES + 1);
  const descriptor = openToRead(file);
  const isNamedPipe = isPipeWithName(file);
  let length = 0;
  try {
    if (isNamedPipe) length = firstBytes(descriptor, bytes);
    while (length < bytes.length) {
      const read = readWaiting(descriptor, bytes, length);
      if (read === 0) break;
      length += read;
    }
  } finally {
    closeSync(descriptor);
  }
  checkBytes(length);
  return bytes.toString('utf8', 0, length);
}

/** Those that a shell makes have no name of their own, and are open already. */
function isPipeWithName(file: string): boolean {
  return !/^\/(dev|proc)\//.test(file) && statSync(file).isFIFO();
}

/** Opens a file; a pipe without waiting for somebody who writes, for nobody may come. */
function openToRead(file: string): number {
  const { O_RDONLY, O_NONBLOCK } = constants;
  return openSync(file, isPipeWithName(file) ? O_RDONLY | O_NONBLOCK : O_RDONLY);
}

/** How many bytes come first over a pipe with a name. Throws if nobody writes into it. */
function firstBytes(descriptor: number, bytes: Buffer): number {
  for (let ms = 0; ms < WRITER_MS; ms += LOOK_MS) {
    // Nothing is the end, or that nobody has begun.
    const read = readWaiting(descriptor, bytes, 0);
    if (read > 0) return read;
    wait(LOOK_MS);
  }
  throw Object.assign(new Error('a pipe has a writer'), { code: NO_WRITER });
}

/** How many bytes were read behind the first `length`; waits for whoever has begun to write. */
function readWaiting(descriptor: number, bytes: Buffer, length: number): number {
  for (;;) {
    try {
      return readSync(descriptor, bytes, length, bytes.length - length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      wait(LOOK_MS);
    }
  }
}

function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * What a market file says, as plain values. Throws an error with one sentence on what is no YAML,
 * and on what would take long to be found so. JSON is YAML too, and read so, its repeated keys are
 * found.
 */
export function parseMarketFile(text: string): unknown {
  checkTokens(text);
  // Its own check compares each key with each before it.
  const lineCounter = new LineCounter();
  // The first fault alone is told: the others need not be made readable.
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, lineCounter });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line, col } = lineCounter.linePos(fault.pos[0]);
    throw new Error(visible(`${fault.message.split('\n')[0]} at line ${line}, column ${col}`));
  }
  let aliases = 0;
  visit(document, {
    Alias() {
      aliases += 1;
      if (aliases > MOST_ALIASES) throw new TooLarge(`at most ${MOST_ALIASES} aliases`);
    },
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        const named = isAlias(key) ? key.resolve(document) : key;
        const name = isScalar(named) ? named.value : named;
        if (keys.has(name)) throw new Error(`keys must be unique${placeOf(key, lineCounter)}`);
        keys.add(name);
      }
    },
  });
  return document.toJS() as unknown;
}

/** Why `text` could not be read back as a market file: what that must have; undefined if it can. */
export function marketFileProblem(text: string): string | undefined {
  try {
    checkBytes(Buffer.byteLength(text));
    checkTokens(text);
  } catch (error) {
    if (error instanceof TooLarge) return error.message;
    throw error;
  }
  return undefined;
}

function checkBytes(length: number): void {
  if (length > MOST_BYTES) throw new TooLarge(`at most ${MOST_BYTES} bytes`);
}

function checkTokens(text: string): void {
  let tokens = 0;
  const depth = new Depth();
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > MOST_TOKENS) throw new TooLarge(`at most ${MOST_TOKENS} words and marks`);
    if (depth.after(token) > MOST_DEPTH) {
      throw new TooDeep(`at most ${MOST_DEPTH} levels, one within another`);
    }
    if (depth.entries > MOST_ENTRIES) {
      throw new TooLarge(`at most ${MOST_ENTRIES} entries in one pair of brackets`);
    }
  }
}

/** At most how many levels deep a place in a text is, from its words and marks. */
class Depth {
  #brackets = 0;
  /** How many commas stand in each pair of brackets that is open, the outermost first. */
  readonly #commas: number[] = [];
  /** Of a line outside of brackets: what it is indented by, and one for each mark on it. */
  #columns = 0;
  #isAtStart = true;

  /** Of the innermost brackets that are open, as far as is known. */
  get entries(): number {
    return this.#commas[this.#brackets - 1] ?? 0;
  }

  after(token: string): number {
    if (token === '[' || token === '{') this.#commas[this.#brackets++] = 0;
    else if (token === ']' || token === '}') this.#brackets = Math.max(0, this.#brackets - 1);
    else if (token === ',' && this.#brackets > 0) this.#commas[this.#brackets - 1]! += 1;
    else if (this.#brackets <= 0) this.#outside(token);
    this.#isAtStart = token.endsWith('\n');
    return /^[-?:[{]$/.test(token) ? this.#brackets + this.#columns : 0;
  }

  #outside(token: string): void {
    if (token.endsWith('\n')) this.#columns = 0;
    else if (this.#isAtStart && /^ +$/.test(token)) this.#columns = token.length;
    else if (/^[-?:]$/.test(token)) this.#columns += 1;
  }
}

/** Where a part of a file stands, as the end of a sentence; nothing if nobody knows. */
function placeOf(part: unknown, lines: LineCounter): string {
  const range = isNode(part) ? part.range : undefined;
  return range ? ` at line ${lines.linePos(range[0]).line}` : '';
}

/** More than a market file may be; its message is what it must have at most. */
export class TooLarge extends Error {}

/** What no way of writing a market makes right. */
export class TooDeep extends TooLarge {}

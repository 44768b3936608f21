import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import {
  Composer,
  CST,
  type Document,
  isAlias,
  isCollection,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
} from 'yaml';
import { inQuotes, visible } from '../core/market/quoted.ts';
import { NO_WRITER, SILENT_WRITER } from './place-problem.ts';

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
/** Whoever is to write into a pipe has been started by then, and has begun. */
const WRITER_MS = 3000;
const LOOK_MS = 20;

/** The text of a market file. Throws if it cannot be read, or is too long. */
export function readMarketFile(file: string): string {
  // What a file says of its size need not be so: devices and pipes have none.
  const bytes = Buffer.alloc(MOST_BYTES + 1);
  const isPipe = statSync(file).isFIFO();
  // A pipe is opened without waiting for somebody who writes, for nobody may come.
  const { O_RDONLY, O_NONBLOCK } = constants;
  const descriptor = openSync(file, isPipe ? O_RDONLY | O_NONBLOCK : O_RDONLY);
  let length = 0;
  try {
    if (isPipe) length = firstBytes(descriptor, bytes, hasName(file));
    while (length < bytes.length) {
      const read = readNow(descriptor, bytes, length);
      if (read === 0) break;
      // Whoever has begun to write is waited for.
      if (read === undefined) wait(LOOK_MS);
      else length += read;
    }
  } finally {
    closeSync(descriptor);
  }
  checkBytes(length);
  return bytes.toString('utf8', 0, length);
}

/** Of pipes: those that a shell makes have no name of their own, and are open already. */
function hasName(file: string): boolean {
  return !/^\/(dev|proc)\//.test(file);
}

/** How many bytes come first over a pipe. Throws if nobody writes into it, or nothing. */
function firstBytes(descriptor: number, bytes: Buffer, isNamed: boolean): number {
  let hasWriter = false;
  for (let ms = 0; ms < WRITER_MS; ms += LOOK_MS) {
    const read = readNow(descriptor, bytes, 0);
    // With a name, nothing is the end, or that nobody has begun.
    if (read !== undefined && (read > 0 || !isNamed)) return read;
    hasWriter ||= read === undefined;
    wait(LOOK_MS);
  }
  const code = hasWriter ? SILENT_WRITER : NO_WRITER;
  throw Object.assign(new Error('a pipe has a writer, who writes'), { code });
}

/** How many bytes were read behind the first `length`; undefined if there are none yet. */
function readNow(descriptor: number, bytes: Buffer, length: number): number | undefined {
  try {
    return readSync(descriptor, bytes, length, bytes.length - length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
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
  const lines = new LineCounter();
  const document = compose(wordsOf(text), text.length, lines);
  visit(document, {
    // The parser's own check compares each key with each before it.
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        const named = isAlias(key) ? key.resolve(document) : key;
        // A list or a map would be written out as text, once for each level that it is in.
        if (isCollection(named)) throw new Error(`keys must be text${placeOf(key, lines)}`);
        const name = isScalar(named) ? named.value : named;
        if (keys.has(name)) throw new Error(`keys must be unique${placeOf(key, lines)}`);
        keys.add(name);
      }
    },
  });
  return document.toJS() as unknown;
}

/** The document that words and marks make. Throws one sentence on the first problem. */
function compose(words: Iterable<string>, length: number, lines: LineCounter): Document.Parsed {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const composer = new Composer({ uniqueKeys: false });
  let problem: Error | undefined;
  const stop = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(offset);
    const sentence = `${message.split('\n')[0]} at line ${line}, column ${col}`;
    // The composer catches it, and tells it once more as that of each node around.
    problem ??= new Error(visible(sentence));
    throw problem;
  };
  // It would go on behind a problem. Each takes 7 us: a second for a text of nothing else.
  Object.assign(composer, {
    onError: (place: Place, _: string, message: string, isWarning?: boolean) => {
      if (isWarning !== true) stop(offsetOf(place), message);
    },
  });
  let document: Document.Parsed | undefined;
  const take = (documents: Iterable<Document.Parsed>) => {
    for (const each of documents) {
      if (document !== undefined) stop(each.range[0], 'Source contains multiple documents');
      document = each;
    }
  };
  const hear = (tokens: Iterable<CST.Token>) => {
    for (const token of tokens) {
      if (token.type === 'error') {
        stop(token.offset, `${token.message}${token.source ? `: ${inQuotes(token.source)}` : ''}`);
      }
      take(composer.next(token));
    }
  };
  for (const word of words) hear(parser.next(word));
  hear(parser.end());
  take(composer.end(true, length));
  const [left] = document!.errors;
  if (left !== undefined) stop(left.pos[0], left.message);
  return document!;
}

/** Where a problem is, as a composer says it. */
type Place = number | readonly number[] | { readonly offset: number };

function offsetOf(place: Place): number {
  if (typeof place === 'number') return place;
  return 'offset' in place ? place.offset : place[0]!;
}

/** Why `text` could not be read back as a market file: what that must have; undefined if it can. */
export function marketFileProblem(text: string): string | undefined {
  try {
    checkBytes(Buffer.byteLength(text));
    wordsOf(text);
  } catch (error) {
    if (error instanceof TooLarge) return error.message;
    throw error;
  }
  return undefined;
}

function checkBytes(length: number): void {
  if (length > MOST_BYTES) throw new TooLarge(`at most ${MOST_BYTES} bytes`);
}

/** The words and marks of a text. Throws if they would take a parser long. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  const depth = new Depth();
  let aliases = 0;
  let isText = false;
  for (const word of new Lexer().lex(text)) {
    words.push(word);
    if (words.length > MOST_TOKENS) throw new TooLarge(`at most ${MOST_TOKENS} words and marks`);
    if (depth.after(word) > MOST_DEPTH) {
      throw new TooDeep(`at most ${MOST_DEPTH} levels, one within another`);
    }
    if (depth.entries > MOST_ENTRIES) {
      throw new TooLarge(`at most ${MOST_ENTRIES} entries in one pair of brackets`);
    }
    if (!isText && word.startsWith('*')) aliases += 1;
    if (aliases > MOST_ALIASES) throw new TooLarge(`at most ${MOST_ALIASES} aliases`);
    isText = word === CST.SCALAR;
  }
  return words;
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

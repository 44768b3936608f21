import { ClientError } from '../client/error.ts';
import { streamUrl } from '../client/url.ts';
import type { Field } from '../core/market/fields.ts';
import { inQuotes } from '../core/market/quoted.ts';
import { LineWriter } from '../host/line-writer.ts';
import { fieldsOf } from '../protocols/tickwell/requests.ts';
import { symbolsProblem } from '../protocols/tickwell/symbols.ts';
import { asServed, timeMsOf } from './arguments.ts';
import type { FollowOptions } from './commands/follow.ts';
import { appendedOutput, type Cursor, CursorFile, cutOutput } from './cursor-file.ts';
import { FollowedRows, type Since } from './followed-rows.ts';
import { openOutput } from './output.ts';
import { type Instruments, rowLines } from './row-lines.ts';
import { MARKET_CHANGED, UsageError } from './usage-error.ts';

/** Who is asked to end and cannot write ends all the same. */
const LAST_WRITE_MS = 1000;
/** Refusals that the user has to put right; those of a range are of `since`. */
const WRONG_REQUESTS = ['bad_request', 'bad_cursor', 'unknown_symbol', 'too_many', 'bad_url'];

/** Writes rows until nobody wants them any more; gives the exit code. */
export async function follow(url: string, options: FollowOptions): Promise<number> {
  const { symbols, since, format, prices, time } = options;
  const fields = asServed(() => fieldsOf(options.fields));
  const asked = { symbols, fields: fields.join(), format, prices, time };
  const list = symbolsOf(symbols);
  const begin = sinceOf(since);
  checkUrl(url);
  const file = options.cursor === undefined ? undefined : await CursorFile.open(options.cursor);
  const cursor = file?.read();
  if (cursor !== undefined) checkAsked(cursor, asked);
  const { write } = new LineWriter(process.stderr);
  const tell = (sentence: string) => write(`tickwell: ${sentence}\n`);
  const cutBytes = cursor === undefined ? 0 : cutOutput(cursor);
  if (cutBytes > 0) tell(`${cutBytes} bytes behind the cursor are written again`);
  const stop = new AbortController();
  const unlisten = onEnd(stop, file);
  const source = new FollowedRows({
    ...{ url, symbols: list, fields, signal: stop.signal, tell },
    since: cursor?.until ?? begin,
    market: cursor?.market,
  });
  try {
    await writeRows(source, { options, fields, asked, file, isFirst: cursor?.isBegun !== true });
    return 0;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return refused(error, tell);
  } finally {
    unlisten();
    await file?.flush();
  }
}

interface Writing {
  readonly options: FollowOptions;
  readonly fields: readonly Field[];
  readonly asked: Cursor['asked'];
  readonly file: CursorFile | undefined;
  /** Whether nothing is known to have been written yet. */
  readonly isFirst: boolean;
}

async function writeRows(source: FollowedRows, writing: Writing): Promise<void> {
  const { options, fields, asked, file } = writing;
  const { format, prices, time } = options;
  const output = await openOutput('-');
  let instruments: Instruments = new Map();
  let { isFirst } = writing;
  const remember = (market: string, until: number, isBegun: boolean) => {
    const output = appendedOutput();
    file?.set({ market, until, isBegun, asked, ...(output === undefined ? {} : { output }) });
  };
  for await (const { market, rows } of source.read()) {
    if (prices === 'decimal' && instruments.size === 0) instruments = await instrumentsOf(source);
    const form = { format, fields, notation: { prices, time }, instruments };
    if (isFirst) {
      // Whoever is killed behind the first rows goes on too, and does not begin again.
      remember(market, rows.since, false);
      await file?.flush();
    }
    await output.write(rowLines(rows, form, isFirst));
    isFirst = false;
    remember(market, rows.until, true);
  }
}

async function instrumentsOf(source: FollowedRows): Promise<Instruments> {
  const { instruments } = await source.info();
  return new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
}

/** The symbols that are asked for; the server knows whether there are such. */
export function symbolsOf(text: string): readonly string[] | '*' {
  const problem = symbolsProblem(text);
  if (problem !== undefined) throw new UsageError([problem]);
  return text === '*' ? text : text.split(',');
}

export function sinceOf(text: string): Since {
  return text === 'origin' || text === 'now' ? text : timeMsOf('since', text);
}

/** Throws a `UsageError` if the option `name` is no address of a server. */
export function checkUrl(url: string, name = 'url'): void {
  try {
    streamUrl(url);
  } catch (error) {
    if (error instanceof ClientError) throw new UsageError([error.message.replace('url', name)]);
    throw error;
  }
}

/** Throws a `UsageError` if a cursor was written with other options: its output would be mixed. */
function checkAsked(cursor: Cursor, asked: Cursor['asked']): void {
  for (const [name, given] of Object.entries(asked)) {
    const before = cursor.asked[name];
    if (before === given) continue;
    const rule = `${name} must be ${inQuotes(String(before))}, as the cursor was written with`;
    throw new UsageError([`${rule}; given: ${given}`]);
  }
}

/** Has signals end the reading; gives what undoes that. */
function onEnd(stop: AbortController, file: CursorFile | undefined): () => void {
  const end = () => {
    // A second Ctrl-C does not wait.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    // Nor does a reader who takes nothing have us wait: what he has not taken is not in the cursor.
    const exit = () => process.exit(0);
    setTimeout(() => (file?.flush() ?? Promise.resolve()).then(exit, exit), LAST_WRITE_MS).unref();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

/** What a server that will not serve says; gives the exit code. */
export function refused(error: ClientError, tell: (sentence: string) => void): number {
  if (WRONG_REQUESTS.includes(error.code)) throw new UsageError([error.message]);
  tell(`${error.code}: ${error.message}`);
  return error.code === 'market_changed' ? MARKET_CHANGED : 1;
}

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { inQuotes, quoted } from '../core/market/quoted.ts';
import { formatTime } from '../core/market/time.ts';
import type { ClockOptions, ControlOptions, ServerChoice } from './commands/control.ts';
import { parseMarketFile, readMarketFile } from './market-file.ts';
import { writeOutput } from './output.ts';
import { placeProblem } from './place-problem.ts';
import { readToken } from './token.ts';
import { UsageError } from './usage-error.ts';

/** A server that takes longer is not there. */
const ANSWER_MS = 30_000;

/** What a server says of something that is done. */
interface Taken {
  readonly key: string;
  readonly index: number;
  readonly time: number;
  readonly market: string;
  readonly provisional: boolean;
}

/** And of a change of the market's time. */
interface Turned extends Pick<Taken, 'key' | 'index'> {
  readonly now: number;
  readonly speed: number;
}

/** Has one thing done. */
export async function doEvent(
  kind: string,
  said: Readonly<Record<string, unknown>>,
  options: ControlOptions,
): Promise<void> {
  await done(kind, '/events', { kind, ...said }, options);
}

/** Starts a scenario that has a name, or that of a file. */
export async function startScenario(nameOrFile: string, options: ControlOptions): Promise<void> {
  const isFile = existsSync(nameOrFile) || /[./\\]/.test(nameOrFile);
  const scenario = isFile ? readScenario(nameOrFile) : nameOrFile;
  await done(nameOrFile, '/scenarios', { scenario }, options);
}

/** Changes the market's time, and says how it goes on. */
export async function changeClock(
  change: Readonly<Record<string, unknown>>,
  options: ClockOptions,
): Promise<void> {
  const { key = randomUUID() } = options;
  const turned = (await ask(options, '/clock', { ...change, key })) as Turned;
  const { speed } = turned;
  const how =
    speed === 0
      ? 'stands still'
      : `goes on${speed === 1 ? '' : `, ${speed} times as fast as time,`}`;
  const from = `${formatTime(turned.now)}, row ${turned.index}`;
  const text = `The market's time ${how} at ${from}\nKey ${turned.key}\n`;
  await writeOutput('-', (output) => output.write(text));
}

export async function listScenarios(choice: ServerChoice): Promise<void> {
  const { scenarios } = (await ask(choice, '/scenarios')) as {
    scenarios: readonly { readonly name: string; readonly text: string }[];
  };
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  const lines = scenarios.map(({ name, text }) => `${name.padEnd(width)}  ${text}\n`);
  await writeOutput('-', (output) => output.write(lines.join('')));
}

export async function showLog(choice: ServerChoice): Promise<void> {
  const log = await ask(choice, '/log');
  await writeOutput('-', (output) => output.write(`${JSON.stringify(log, null, 2)}\n`));
}

/** Has something done, and says from when on. */
async function done(
  what: string,
  path: string,
  body: Readonly<Record<string, unknown>>,
  options: ControlOptions,
): Promise<void> {
  const { symbol: symbols, sector, at, key = randomUUID() } = options;
  const asked = {
    ...body,
    ...(symbols === undefined ? {} : { symbols }),
    ...(sector === undefined ? {} : { sector }),
    ...(at === undefined ? {} : { at: /^-?\d+$/.test(at) ? Number(at) : at }),
    key,
  };
  const taken = (await ask(options, path, asked)) as Taken;
  const when = `${formatTime(taken.time)}, row ${taken.index}`;
  const id = `${taken.market}${taken.provisional ? ', unless more is done before' : ''}`;
  const text = `${what} takes effect at ${when}\nMarket ${id}, key ${taken.key}\n`;
  await writeOutput('-', (output) => output.write(text));
}

function readScenario(file: string): unknown {
  let text: string;
  try {
    text = readMarketFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError([placeProblem('scenario', file, 'read', code)]);
  }
  try {
    return parseMarketFile(text);
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new UsageError([`scenario must be YAML or JSON; ${file}: ${line}`]);
  }
}

/** What the server answers; throws a `UsageError` with its sentence where it refuses. */
async function ask(choice: ServerChoice, path: string, body?: { key: string }): Promise<unknown> {
  const url = addressOf(choice.url, path);
  const { tokenFile } = choice;
  const token = tokenFile === undefined ? undefined : readToken('token-file', tokenFile);
  let response: Response;
  try {
    response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const { cause, message } = error as Error;
    const why = (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
    // It may have been done: only asked with the same key it is not done twice.
    const again = body === undefined ? '' : `; ask again with --key ${body.key}`;
    throw new Error(`no answer from ${url.origin} (${why})${again}`);
  }
  const answer = await jsonOf(response);
  if (response.ok) return answer;
  const sentence = sentenceOf(answer) ?? `${url.origin} answers ${response.status}`;
  if (response.status < 500) throw new UsageError([sentence]);
  throw new Error(sentence);
}

function addressOf(text: string, path: string): URL {
  const base = /^https?:\/\//i.test(text) ? text.replace(/\/+$/, '') : '';
  try {
    return new URL(`${base}/v1/control${path}`);
  } catch {
    const rule = 'url must be an address such as http://localhost:8080';
    throw new UsageError([`${rule}; given: ${inQuotes(text)}`]);
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`what answers is no server of Tickwell; given: ${quoted(text)}`);
  }
}

function sentenceOf(answer: unknown): string | undefined {
  const { error } = answer as { readonly error?: { readonly message?: unknown } };
  return typeof error?.message === 'string' ? error.message : undefined;
}

import { type Command, Option } from 'commander';
import { Market } from '../core/market/market.ts';
import { MODEL_KINDS } from '../core/market/models/parameters.ts';
import { PRESET_NAMES } from '../core/market/presets/presets.ts';
import { checkSpec } from '../core/market/spec.ts';
import { parseMarketFile, readMarketFile, TooDeep, TooLarge } from './market-file.ts';
import { placeProblem } from './place-problem.ts';

/** Something the user has to put right; `lines` say what, one sentence each. */
export class UsageError extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'UsageError';
    this.lines = lines;
  }
}

/** The options that make a market, each also taken from the environment. */
export interface MarketOptions {
  readonly config?: string;
  readonly preset?: string;
  readonly seed?: string;
  readonly origin?: string;
  readonly interval?: string;
  readonly dtype?: string;
  readonly capacity?: string;
  readonly count?: string;
  readonly pattern?: string;
  readonly model?: string;
}

const WHOLE = /^-?\d+$/;

/** Adds the options that make a market to a command. */
export function addMarketOptions(command: Command): Command {
  const option = (flags: string, description: string) => {
    const added = new Option(flags, description);
    return added.env(`TICKWELL_${added.attributeName().toUpperCase()}`);
  };
  return command
    .addOption(option('-c, --config <file>', 'market file, YAML or JSON'))
    .addOption(option('--preset <name>', `market to begin with: ${PRESET_NAMES.join(' ')}`))
    .addOption(option('--seed <number>', 'another seed is another market (default 1)'))
    .addOption(option('--origin <time>', 'time of row 0 (default 2026-01-01T00:00:00Z)'))
    .addOption(option('--interval <time>', 'time between rows: 250ms, 1s, 1m (default 1s)'))
    .addOption(
      option('--dtype <type>', 'uint8 uint16 uint32 int8 int16 int32 float64 (default uint16)'),
    )
    .addOption(option('--capacity <rows>', 'rows held in memory (default 86400)'))
    .addOption(option('--count <number>', 'how many instruments (default 100)'))
    .addOption(option('--pattern <text>', 'their symbols, {} for the number (default ticker_{})'))
    .addOption(option('--model <name>', `${MODEL_KINDS.join(' ')} (default walk)`));
}

/** The market that the options and the file they name describe; throws a `UsageError`. */
export function loadMarket(options: MarketOptions): Market {
  const fields = options.config === undefined ? {} : readConfig(options.config);
  for (const name of ['seed', 'capacity', 'count'] as const) {
    const text = options[name];
    if (text !== undefined) fields[name] = WHOLE.test(text) ? Number(text) : text;
  }
  for (const name of ['origin', 'interval'] as const) {
    const text = options[name];
    if (text !== undefined) fields[name] = WHOLE.test(text) ? Number(text) : text;
  }
  for (const name of ['preset', 'dtype', 'pattern'] as const) {
    if (options[name] !== undefined) fields[name] = options[name];
  }
  if (options.model !== undefined) {
    const defaults = fields.defaults ?? {};
    const hasFields = typeof defaults === 'object' && !Array.isArray(defaults);
    // Defaults of another kind stay as they are, to be found wrong.
    if (hasFields) fields.defaults = { ...defaults, model: options.model };
  }
  const check = checkSpec(fields);
  if (check.ok) return new Market(check.spec);
  const most = 20;
  const lines = check.problems.slice(0, most).map(({ message }) => message);
  if (check.problems.length > most) lines.push(`and ${check.problems.length - most} more problems`);
  throw new UsageError(lines);
}

function readConfig(file: string): Record<string, unknown> {
  if (file === '') throw new UsageError(['config must be a file; given: ""']);
  let text: string;
  try {
    text = readMarketFile(file);
  } catch (error) {
    if (error instanceof TooLarge) throw tooLarge(file, error);
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError([placeProblem('config', file, 'read', code)]);
  }
  let value: unknown;
  try {
    value = parseMarketFile(text) ?? {};
    // An alias of YAML can make a value hold itself, which no spec does: this throws then.
    JSON.stringify(value);
  } catch (error) {
    if (error instanceof TooLarge) throw tooLarge(file, error);
    const [line] = (error as Error).message.split('\n');
    throw new UsageError([`config must be YAML or JSON; ${file}: ${line?.replace(/:$/, '')}`]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError([`config must hold named fields; given: ${file}`]);
  }
  return value as Record<string, unknown>;
}

function tooLarge(file: string, error: TooLarge): UsageError {
  const advice = error instanceof TooDeep ? '' : '; what all instruments share goes into defaults';
  const rule = `config must have ${error.message}${advice}`;
  return new UsageError([`${rule}; given: ${file}, which has more`]);
}

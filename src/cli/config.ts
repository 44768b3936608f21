import { Market } from '../core/market/market.ts';
import { checkSpec } from '../core/market/spec.ts';
import type { MarketOptions } from './commands/options.ts';
import { parseMarketFile, readMarketFile, TooDeep, TooLarge } from './market-file.ts';
import { placeProblem } from './place-problem.ts';
import { UsageError } from './usage-error.ts';

const WHOLE = /^-?\d+$/;

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
  for (const name of ['model', 'calendar'] as const) {
    if (options[name] === undefined) continue;
    const defaults = fields.defaults ?? {};
    const hasFields = typeof defaults === 'object' && !Array.isArray(defaults);
    // Defaults of another kind stay as they are, to be found wrong.
    if (hasFields) fields.defaults = { ...defaults, [name]: options[name] };
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

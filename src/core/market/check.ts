import { DTYPES, type Dtype, isDtype } from './dtype.ts';
import { decimalsOf } from './instrument.ts';
import { boundsOf, type Parameter } from './models/parameters.ts';
import { ruleBroken, visible } from './quoted.ts';
import { formatDuration, parseDuration } from './resolution.ts';
import { parseTime } from './time.ts';
import { SHORT_LIST, unknownName } from './unknown.ts';

/** What is wrong with one field: a sentence with the path, the rule and the value. */
export interface SpecProblem {
  readonly path: string;
  readonly message: string;
}

/** What was given, by name; nothing is known of the values. */
export type Fields = Readonly<Record<string, unknown>>;

export const MAX_INSTRUMENTS = 100_000;
const MAX_INTERVAL_MS = 7 * 86_400_000;
const EARLIEST_ORIGIN_MS = parseTime('1900-01-01')!;
const LATEST_ORIGIN_MS = parseTime('2200-01-01')!;
const SYMBOL = /^[A-Za-z0-9^][A-Za-z0-9._:/=^-]{0,31}$/;

/**
 * What is not seen but does something: control and format characters, of which those that join
 * letters are a part of some scripts.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]|(?![\u200c\u200d])\p{Cf}/u;

export interface TickLimits {
  readonly minTicks: number;
  readonly maxTicks: number;
  readonly tickSize: number;
  readonly decimals: number;
  readonly dtype: Dtype;
}

/** What holds so many ticks and all that `dtype` does, as the end of a sentence. */
function whatWouldDo(dtype: Dtype, ticks: number, tickSize: number): string {
  const own = DTYPES[dtype];
  const [wider] =
    Object.entries(DTYPES).find(
      ([, { bytes, min, max }]) =>
        bytes >= own.bytes && min <= Math.min(own.min, ticks) && max >= ticks,
    ) ?? [];
  return wider === undefined ? `no dtype holds more of ${tickSize}` : `dtype ${wider} would do`;
}

/**
 * Each method gives the checked value. If it is wrong, it notes the problem and gives a stand-in.
 */
export class Check {
  readonly problems: SpecProblem[];

  constructor(problems: SpecProblem[]) {
    this.problems = problems;
  }

  problem(path: string, rule: string, value: unknown): void {
    this.problems.push({
      path,
      message: ruleBroken(path === '' ? 'the spec' : visible(path), rule, value),
    });
  }

  /** What should be one of `known` names, and is not. */
  noneOf(kind: string, path: string, known: readonly string[], value: unknown): void {
    if (typeof value !== 'string') {
      this.problem(path, `must be one of ${known.join(', ')}`, value);
      return;
    }
    const [, parent] = /^(.*)\./.exec(path) ?? [];
    const whose = parent === undefined ? {} : { of: parent };
    this.problems.push({ path, message: unknownName({ kind, name: value, known, ...whose }) });
  }

  /** Named fields; `others` are who has which, to say where one belongs. */
  fields(
    path: string,
    value: unknown,
    known: readonly string[],
    others: Readonly<Record<string, readonly string[]>> = {},
  ): Fields | undefined {
    // A date or a map has no fields of its own, and would be taken for none at all.
    if (Object.prototype.toString.call(value) !== '[object Object]') {
      this.problem(path, 'must be a set of named fields', value);
      return undefined;
    }
    for (const name of Object.keys(value as Fields)) {
      if (known.includes(name)) continue;
      const elsewhere = Object.keys(others).filter((whose) => others[whose]!.includes(name));
      const whose = path === '' ? {} : { of: path };
      const see = known.length > SHORT_LIST ? { see: 'docs/models.md lists them' } : {};
      const asked = { kind: 'field', name, known, elsewhere, ...whose, ...see };
      this.problems.push({
        path: path === '' ? name : `${path}.${name}`,
        message: unknownName(asked),
      });
    }
    return value as Fields;
  }

  whole(path: string, value: unknown, min: number, max: number, fallback: number): number {
    if (value === undefined) return fallback;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
      return value as number;
    }
    this.problem(path, `must be a whole number from ${min} to ${max}`, value);
    return fallback;
  }

  number(path: string, value: unknown, min: number, max: number, fallback: number): number {
    if (value === undefined) return fallback;
    if (typeof value === 'number' && value >= min && value <= max) return value;
    this.problem(path, `must be a number from ${min} to ${max}`, value);
    return fallback;
  }

  duration(path: string, value: unknown, min: number, max: number, fallback: number): number {
    if (value === undefined) return fallback;
    const ms = typeof value === 'string' ? parseDuration(value) : value;
    if (typeof ms === 'number' && Number.isInteger(ms) && ms >= min && ms <= max) return ms;
    const range = `from ${formatDuration(min)} to ${formatDuration(max)}`;
    this.problem(path, `must be ${range}, as text such as 10m or whole milliseconds`, value);
    return fallback;
  }

  choice(path: string, value: unknown, options: readonly [string, ...string[]]): string {
    if (value === undefined) return options[0];
    if (typeof value === 'string' && options.includes(value)) return value;
    this.noneOf(path.replace(/^.*\./, ''), path, options, value);
    return options[0];
  }

  /** A parameter of a model. */
  parameter(
    path: string,
    value: unknown,
    parameter: Parameter,
    intervalMs: number,
  ): number | string {
    if (parameter.type === 'choice') return this.choice(path, value, parameter.options);
    const { min, max, fallback } = boundsOf(parameter, intervalMs);
    return parameter.type === 'duration'
      ? this.duration(path, value, min, max, fallback)
      : this.number(path, value, min, max, fallback);
  }

  text(path: string, value: unknown, fallback: string): string {
    if (value === undefined) return fallback;
    const isText = typeof value === 'string' && value.length >= 1 && value.length <= 80;
    if (isText && !UNSEEN.test(value)) return value;
    this.problem(path, 'must be text of 1 to 80 characters that can be seen', value);
    return fallback;
  }

  /** Empty for none. Plain characters: a path's key is made of their bytes. */
  sector(path: string, value: unknown): string {
    if (value === undefined) return '';
    if (typeof value === 'string' && /^[ -~]{1,80}$/.test(value)) return value;
    this.problem(path, 'must be text of 1 to 80 plain characters (ASCII)', value);
    return '';
  }

  symbol(path: string, value: unknown): string {
    if (typeof value === 'string' && SYMBOL.test(value)) return value;
    const rule = 'must be 1 to 32 of A-Z a-z 0-9 . _ : / = ^ - and begin with a letter, digit or ^';
    this.problem(path, rule, value);
    return 'X';
  }

  pattern(value: unknown): string {
    const fallback = 'ticker_{}';
    if (value === undefined) return fallback;
    const text = typeof value === 'string' ? value : '';
    const widest = text.replace('{}', String(MAX_INSTRUMENTS));
    if (text.split('{}').length === 2 && SYMBOL.test(widest)) return text;
    this.problem('pattern', 'must be a symbol with {} once in it, where the number goes', value);
    return fallback;
  }

  origin(value: unknown): number {
    const fallback = parseTime('2026-01-01')!;
    if (value === undefined) return fallback;
    const ms = typeof value === 'string' ? parseTime(value) : value;
    if (
      typeof ms === 'number' &&
      Number.isInteger(ms) &&
      ms >= EARLIEST_ORIGIN_MS &&
      ms <= LATEST_ORIGIN_MS
    ) {
      return ms;
    }
    const rule =
      'must be a time from 1900-01-01T00:00:00Z to 2200-01-01T00:00:00Z, as RFC 3339 text or ' +
      'milliseconds since 1970';
    this.problem('origin', rule, value);
    return fallback;
  }

  interval(value: unknown): number {
    const fallback = 1000;
    if (value === undefined) return fallback;
    const ms = typeof value === 'string' ? parseDuration(value) : value;
    if (typeof ms === 'number' && Number.isInteger(ms) && ms >= 1 && ms <= MAX_INTERVAL_MS) {
      return ms;
    }
    const rule =
      `must be a whole number of milliseconds from 1 to ${MAX_INTERVAL_MS}, or text such as ` +
      '250ms, 1s, 1m';
    this.problem('interval', rule, value);
    return fallback;
  }

  dtype(value: unknown): Dtype {
    if (value === undefined) return 'uint16';
    if (isDtype(value)) return value;
    this.noneOf('dtype', 'dtype', Object.keys(DTYPES), value);
    return 'uint16';
  }

  tickSize(path: string, value: unknown): number {
    const fallback = 0.01;
    if (value === undefined) return fallback;
    if (typeof value === 'number' && value > 0 && value <= 1e6 && decimalsOf(value) <= 12) {
      return value;
    }
    this.problem(
      path,
      'must be a number above 0, at most 1000000, with at most 12 decimals',
      value,
    );
    return fallback;
  }

  startTicks(path: string, value: unknown, limits: TickLimits): number {
    const { minTicks, maxTicks, tickSize, decimals, dtype } = limits;
    const least = (minTicks * tickSize).toFixed(decimals);
    const most = (maxTicks * tickSize).toFixed(decimals);
    const ticks = typeof value === 'number' ? Math.floor(value / tickSize + 0.5) : Number.NaN;
    const isMultiple = Number((ticks * tickSize).toFixed(decimals)) === value;
    if (isMultiple && ticks >= minTicks && ticks <= maxTicks) return ticks;
    const range = `from ${least} to ${most}`;
    const isForDtype = isMultiple && (ticks > maxTicks || ticks < DTYPES[dtype].min);
    const rule = isForDtype
      ? `must be ${range}, which is what ${dtype} holds in ticks of ${tickSize}: ` +
        whatWouldDo(dtype, ticks, tickSize)
      : `must be a multiple of ${tickSize} ${range}`;
    this.problem(path, rule, value);
    return Math.max(minTicks, 0);
  }
}

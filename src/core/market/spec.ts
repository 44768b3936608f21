import { deriveKey, fillWords } from '../random/threefry.ts';
import { DTYPES, type Dtype, isDtype } from './dtype.ts';
import { decimalsOf, type Instrument, type ModelSpec } from './instrument.ts';
import { keyOfInstrument, type Spec } from './market.ts';
import { PURPOSE } from './models/purpose.ts';
import { parseDuration } from './resolution.ts';
import { shown } from './shown.ts';
import { formatTime, parseTime } from './time.ts';

/** What is wrong with one field: a sentence with the path, the rule and the value. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

export type SpecCheck =
  | { readonly ok: true; readonly spec: Spec }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export const MAX_INSTRUMENTS = 100_000;
/** A ring larger than this is a slip of the keyboard, not a wish. */
export const MAX_RING_BYTES = 2 ** 33;
/** What a ring takes when no capacity is given: a day of seconds, if that fits in this. */
const DEFAULT_RING_BYTES = 2 ** 28;
const DEFAULT_CAPACITY = 86_400;
const MAX_INTERVAL_MS = 7 * 86_400_000;
const EARLIEST_ORIGIN_MS = parseTime('1900-01-01')!;
const LATEST_ORIGIN_MS = parseTime('2200-01-01')!;
const SYMBOL = /^[A-Za-z0-9^][A-Za-z0-9._:/=^-]{0,31}$/;

const SPEC_FIELDS = [
  'seed',
  'origin',
  'interval',
  'dtype',
  'capacity',
  'count',
  'pattern',
  'defaults',
  'instruments',
];
const MODEL_FIELDS = ['model', 'drift', 'volatility', 'tickSize', 'startPrice'];
const INSTRUMENT_FIELDS = ['symbol', 'name', ...MODEL_FIELDS];

type Fields = Readonly<Record<string, unknown>>;

/** Checks `input`, as parsed from JSON or YAML, and fills in what it leaves out. */
export function checkSpec(input: unknown): SpecCheck {
  const faults: Fault[] = [];
  const check = new Check(faults);
  const fields = check.fields('', input ?? {}, SPEC_FIELDS);
  if (fields === undefined) return { ok: false, faults };

  const seed = check.whole('seed', fields.seed, 0, Number.MAX_SAFE_INTEGER, 1);
  const originMs = check.origin(fields.origin);
  const intervalMs = check.interval(fields.interval);
  const dtype = check.dtype(fields.dtype);
  const instruments = checkInstruments(check, fields, seed, dtype);
  const bytes = DTYPES[dtype].bytes * Math.max(1, instruments.length);
  const most = Math.floor(MAX_RING_BYTES / bytes);
  const usual = Math.max(1, Math.min(DEFAULT_CAPACITY, Math.floor(DEFAULT_RING_BYTES / bytes)));
  const capacity = check.whole('capacity', fields.capacity, 1, most, usual);

  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, spec: { seed, grid: { originMs, intervalMs }, dtype, capacity, instruments } };
}

/**
 * The spec as plain data that `checkSpec` takes back: everything said, nothing left to a default.
 */
export function describeSpec(spec: Spec): Record<string, unknown> {
  return {
    seed: spec.seed,
    origin: formatTime(spec.grid.originMs),
    interval: spec.grid.intervalMs,
    dtype: spec.dtype,
    capacity: spec.capacity,
    instruments: spec.instruments.map(({ symbol, name, model, tickSize, decimals, startTicks }) => {
      const { kind, ...parameters } = model;
      const startPrice = Number((startTicks * tickSize).toFixed(decimals));
      return { symbol, name, model: kind, ...parameters, tickSize, startPrice };
    }),
  };
}

function checkInstruments(
  check: Check,
  fields: Fields,
  seed: number,
  dtype: Dtype,
): readonly Instrument[] {
  const defaults = check.fields('defaults', fields.defaults ?? {}, MODEL_FIELDS) ?? {};
  const listed = fields.instruments;
  if (listed === undefined) {
    const count = check.whole('count', fields.count, 1, MAX_INSTRUMENTS, 100);
    const pattern = check.pattern(fields.pattern);
    const width = String(count - 1).length;
    // The defaults are the same for all, so their faults are found once.
    const faultsBefore = check.faults.length;
    const made: Instrument[] = [];
    for (let n = 0; n < count && check.faults.length === faultsBefore; n++) {
      const symbol = pattern.replace('{}', String(n).padStart(width, '0'));
      const name = nameOf(symbol);
      made.push(checkInstrument(check, 'defaults', { symbol, name, ...defaults }, seed, dtype));
    }
    return made;
  }
  for (const path of ['count', 'pattern'] as const) {
    if (fields[path] !== undefined) {
      check.fault(path, 'cannot stand beside instruments: give one or the other', fields[path]);
    }
  }
  if (!Array.isArray(listed) || listed.length < 1 || listed.length > MAX_INSTRUMENTS) {
    const rule = `must be a list of 1 to ${MAX_INSTRUMENTS} instruments`;
    check.fault('instruments', rule, Array.isArray(listed) ? `${listed.length} of them` : listed);
    return [];
  }
  const faultsBefore = check.faults.length;
  checkInstrument(check, 'defaults', { symbol: 'X', name: 'X', ...defaults }, seed, dtype);
  // What is wrong with the defaults is said once, not again for every instrument.
  if (check.faults.length > faultsBefore) return [];
  const places = new Map<string, number>();
  return listed.flatMap((entry: unknown, n) => {
    const path = `instruments[${n}]`;
    const given = typeof entry === 'string' ? { symbol: entry } : entry;
    const own = check.fields(path, given, INSTRUMENT_FIELDS);
    if (own === undefined) return [];
    if (typeof own.symbol === 'string') {
      const first = places.get(own.symbol);
      if (first !== undefined) {
        check.fault(`${path}.symbol`, `must differ from instruments[${first}].symbol`, own.symbol);
      }
      places.set(own.symbol, n);
    }
    const inherited = own.model === 'walk' ? withoutParameters(defaults) : defaults;
    return [checkInstrument(check, path, { ...inherited, ...own }, seed, dtype)];
  });
}

/** A walk among instruments of another model has no use for that model's parameters. */
function withoutParameters({ drift: _, volatility: __, ...others }: Fields): Fields {
  return others;
}

function checkInstrument(
  check: Check,
  path: string,
  fields: Fields,
  seed: number,
  dtype: Dtype,
): Instrument {
  const symbol = check.symbol(`${path}.symbol`, fields.symbol);
  const name = check.text(`${path}.name`, fields.name, symbol);
  const model = checkModel(check, path, fields);
  const { min, max } = DTYPES[dtype];
  const minTicks = model.kind === 'gbm' ? 1 : min;
  const tickSize = check.tickSize(`${path}.tickSize`, fields.tickSize);
  const decimals = decimalsOf(tickSize);
  const limits = { minTicks, maxTicks: max, tickSize, decimals };
  const startTicks =
    fields.startPrice === undefined
      ? drawStart(seed, symbol, min, max)
      : check.startTicks(`${path}.startPrice`, fields.startPrice, limits);
  return { symbol, name, model, startTicks, ...limits };
}

function checkModel(check: Check, path: string, fields: Fields): ModelSpec {
  const kind = fields.model ?? 'walk';
  if (kind === 'gbm') {
    return {
      kind,
      drift: check.number(`${path}.drift`, fields.drift, -100, 100, 0.05),
      volatility: check.number(`${path}.volatility`, fields.volatility, 0, 100, 0.3),
    };
  }
  if (kind !== 'walk') check.fault(`${path}.model`, 'must be walk or gbm', kind);
  for (const parameter of ['drift', 'volatility']) {
    if (kind === 'walk' && fields[parameter] !== undefined) {
      const rule = 'is a parameter of model gbm, not of walk: leave it out';
      check.fault(`${path}.${parameter}`, rule, fields[parameter]);
    }
  }
  return { kind: 'walk' };
}

/** The start when none is given: uniform over the middle half of what 16 bits of the dtype hold. */
function drawStart(seed: number, symbol: string, min: number, max: number): number {
  const low = Math.max(0, min);
  const width = Math.min(max, 0xffff) - low + 1;
  const from = low + Math.floor(width / 4);
  const words = new Uint32Array(2);
  fillWords(words, deriveKey(keyOfInstrument(seed, symbol), PURPOSE.start, 0), 0, 0);
  return from + Math.floor((words[0]! * Math.floor(width / 2)) / 0x1_0000_0000);
}

function nameOf(symbol: string): string {
  const words = symbol.replace(/[._-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface TickLimits {
  readonly minTicks: number;
  readonly maxTicks: number;
  readonly tickSize: number;
  readonly decimals: number;
}

/**
 * Each method gives the checked value; where it is wrong, it notes the fault and gives a stand-in.
 */
class Check {
  readonly faults: Fault[];

  constructor(faults: Fault[]) {
    this.faults = faults;
  }

  fault(path: string, rule: string, value: unknown): void {
    this.faults.push({
      path,
      message: `${path === '' ? 'the spec' : path} ${rule}; given: ${shown(value)}`,
    });
  }

  fields(path: string, value: unknown, known: readonly string[]): Fields | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fault(path, 'must be a set of named fields', value);
      return undefined;
    }
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      const at = path === '' ? name : `${path}.${name}`;
      this.fault(at, `is not a field; there are ${known.join(', ')}`, (value as Fields)[name]);
    }
    return value as Fields;
  }

  whole(path: string, value: unknown, min: number, max: number, usual: number): number {
    if (value === undefined) return usual;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
      return value as number;
    }
    this.fault(path, `must be a whole number from ${min} to ${max}`, value);
    return usual;
  }

  number(path: string, value: unknown, min: number, max: number, usual: number): number {
    if (value === undefined) return usual;
    if (typeof value === 'number' && value >= min && value <= max) return value;
    this.fault(path, `must be a number from ${min} to ${max}`, value);
    return usual;
  }

  text(path: string, value: unknown, usual: string): string {
    if (value === undefined) return usual;
    if (typeof value === 'string' && value.length >= 1 && value.length <= 80) return value;
    this.fault(path, 'must be text of 1 to 80 characters', value);
    return usual;
  }

  symbol(path: string, value: unknown): string {
    if (typeof value === 'string' && SYMBOL.test(value)) return value;
    const rule = 'must be 1 to 32 of A-Z a-z 0-9 . _ : / = ^ - and begin with a letter, digit or ^';
    this.fault(path, rule, value);
    return 'X';
  }

  pattern(value: unknown): string {
    const usual = 'ticker_{}';
    if (value === undefined) return usual;
    const text = typeof value === 'string' ? value : '';
    const widest = text.replace('{}', String(MAX_INSTRUMENTS));
    if (text.split('{}').length === 2 && SYMBOL.test(widest)) return text;
    this.fault('pattern', 'must be a symbol with {} once in it, where the number goes', value);
    return usual;
  }

  origin(value: unknown): number {
    const usual = parseTime('2026-01-01')!;
    if (value === undefined) return usual;
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
    this.fault('origin', rule, value);
    return usual;
  }

  interval(value: unknown): number {
    const usual = 1000;
    if (value === undefined) return usual;
    const ms = typeof value === 'string' ? parseDuration(value) : value;
    if (typeof ms === 'number' && Number.isInteger(ms) && ms >= 1 && ms <= MAX_INTERVAL_MS) {
      return ms;
    }
    const rule =
      `must be a whole number of milliseconds from 1 to ${MAX_INTERVAL_MS}, or text such as ` +
      '250ms, 1s, 1m';
    this.fault('interval', rule, value);
    return usual;
  }

  dtype(value: unknown): Dtype {
    if (value === undefined) return 'uint16';
    if (isDtype(value)) return value;
    this.fault('dtype', `must be one of ${Object.keys(DTYPES).join(', ')}`, value);
    return 'uint16';
  }

  tickSize(path: string, value: unknown): number {
    const usual = 0.01;
    if (value === undefined) return usual;
    if (typeof value === 'number' && value > 0 && value <= 1e6 && decimalsOf(value) <= 12) {
      return value;
    }
    this.fault(path, 'must be a number above 0, at most 1000000, with at most 12 decimals', value);
    return usual;
  }

  startTicks(path: string, value: unknown, limits: TickLimits): number {
    const { minTicks, maxTicks, tickSize, decimals } = limits;
    const least = (minTicks * tickSize).toFixed(decimals);
    const most = (maxTicks * tickSize).toFixed(decimals);
    const ticks = typeof value === 'number' ? Math.floor(value / tickSize + 0.5) : Number.NaN;
    const isMultiple = Number((ticks * tickSize).toFixed(decimals)) === value;
    if (isMultiple && ticks >= minTicks && ticks <= maxTicks) return ticks;
    this.fault(path, `must be a multiple of ${tickSize} from ${least} to ${most}`, value);
    return Math.max(minTicks, 0);
  }
}

import { deriveKey, fillWords } from '../random/threefry.ts';
import { type CalendarSpec, openShareOf } from './calendar/calendar-spec.ts';
import { checkCalendar } from './calendar/check-calendar.ts';
import { Check, type Fields, MAX_INSTRUMENTS, type SpecProblem } from './check.ts';
import { checkModel } from './check-model.ts';
import { checkTrading } from './check-trading.ts';
import { DTYPES, type Dtype } from './dtype.ts';
import { checkBegin, describeBegin } from './entries/check-begin.ts';
import { decimalsOf, type Instrument } from './instrument.ts';
import { checkListing, checkNamesApart, describeListing, saidQuote } from './listing.ts';
import { keyOfInstrument, type Spec } from './market.ts';
import { isModelKind, PARAMETER_NAMES, parametersOf } from './models/parameters.ts';
import { PURPOSE } from './models/purpose.ts';
import { isPresetName, PRESET_NAMES, PRESETS } from './presets/presets.ts';
import { formatTime } from './time.ts';

export type SpecCheck =
  | { readonly ok: true; readonly spec: Spec }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

/** A ring larger than this is a slip of the keyboard, not a wish. */
export const MAX_RING_BYTES = 2 ** 33;
/** What a ring takes when no capacity is given: a day of seconds, if that fits in this. */
const DEFAULT_RING_BYTES = 2 ** 28;
const DEFAULT_CAPACITY = 86_400;

const SPEC_FIELDS = [
  'preset',
  'seed',
  'origin',
  'interval',
  'dtype',
  'capacity',
  'count',
  'pattern',
  'defaults',
  'instruments',
  'scenario',
];
const LISTING_FIELDS = ['assetClass', 'quote'];
const TRADING_FIELDS = ['spreadTicks', 'tradesPerDay', 'lotsPerTrade'];
const DEFAULTS_FIELDS = [
  'model',
  ...PARAMETER_NAMES,
  'tickSize',
  'startPrice',
  'sector',
  'calendar',
  ...TRADING_FIELDS,
  ...LISTING_FIELDS,
];

const isNoParameter = (name: string) => !PARAMETER_NAMES.includes(name);
/** What is described as a default. A start is an instrument's own, and a symbol may say a quote. */
const SHARED_FIELDS = DEFAULTS_FIELDS.filter((name) => !['startPrice', 'quote'].includes(name));
const INSTRUMENT_FIELDS = ['symbol', 'name', 'names', ...DEFAULTS_FIELDS];
/** Where a field may stand that stands where it is none. */
const FIELDS_OF = {
  'the market': SPEC_FIELDS,
  defaults: DEFAULTS_FIELDS,
  instruments: INSTRUMENT_FIELDS,
};

/** Checks `input`, as parsed from JSON or YAML, and fills in what it leaves out. */
export function checkSpec(input: unknown): SpecCheck {
  const problems: SpecProblem[] = [];
  const check = new Check(problems);
  const given = check.fields('', input ?? {}, SPEC_FIELDS, FIELDS_OF);
  if (given === undefined) return { ok: false, problems };
  const fields = withPreset(check, given);

  const seed = check.whole('seed', fields.seed, 0, Number.MAX_SAFE_INTEGER, 1);
  const originMs = check.origin(fields.origin);
  const intervalMs = check.interval(fields.interval);
  const dtype = check.dtype(fields.dtype);
  const common = { seed, dtype, intervalMs, calendars: new Map<unknown, CalendarSpec>() };
  const instruments = checkInstruments(check, fields, common);
  checkNamesApart(check, instruments);
  const bytes = DTYPES[dtype].bytes * Math.max(1, instruments.length);
  const most = Math.floor(MAX_RING_BYTES / bytes);
  const fallback = Math.max(1, Math.min(DEFAULT_CAPACITY, Math.floor(DEFAULT_RING_BYTES / bytes)));
  const capacity = check.whole('capacity', fields.capacity, 1, most, fallback);

  const grid = { originMs, intervalMs };
  // Who they are for is known only of a right list.
  const isListed = problems.length === 0;
  const entries = isListed ? checkBegin(check, fields.scenario, grid, instruments) : [];

  if (problems.length > 0) return { ok: false, problems };
  const scenario = entries.length === 0 ? {} : { scenario: entries };
  return { ok: true, spec: { seed, grid, dtype, capacity, instruments, ...scenario } };
}

/** What a preset says, and over it what is said beside it. */
function withPreset(check: Check, { preset, ...given }: Fields): Fields {
  if (preset === undefined) return given;
  if (!isPresetName(preset)) {
    check.noneOf('preset', 'preset', PRESET_NAMES, preset);
    return given;
  }
  const base: Fields = PRESETS[preset].spec;
  const defaults = given.defaults ?? {};
  // Invalid defaults stay as they are, to be found wrong.
  if (typeof defaults !== 'object' || Array.isArray(defaults)) return { ...base, ...given };
  return { ...base, ...given, defaults: { ...(base.defaults as Fields), ...defaults } };
}

/**
 * The spec as plain data that `checkSpec` takes back: everything said, nothing left to a default of
 * ours. What all instruments share is said once, under `defaults`.
 */
export function describeSpec(spec: Spec): Record<string, unknown> {
  const described = spec.instruments.map(describeInstrument);
  const defaults = sharedBy(described);
  const isOwn = ([name]: [string, unknown]) => !Object.hasOwn(defaults, name);
  return {
    seed: spec.seed,
    origin: formatTime(spec.grid.originMs),
    interval: spec.grid.intervalMs,
    dtype: spec.dtype,
    capacity: spec.capacity,
    ...(Object.keys(defaults).length === 0 ? {} : { defaults }),
    instruments: described.map((fields) =>
      Object.fromEntries(Object.entries(fields).filter(isOwn)),
    ),
    ...describeBegin(spec.scenario ?? [], spec.grid),
  };
}

function describeInstrument(instrument: Instrument): Fields {
  const { symbol, name, model, tickSize, decimals, startTicks, sector, trading } = instrument;
  const { calendar } = instrument;
  const { kind, ...parameters } = model;
  const startPrice = Number((startTicks * tickSize).toFixed(decimals));
  const others = {
    ...(sector === '' ? {} : { sector }),
    calendar,
    ...trading,
    ...describeListing(instrument),
  };
  return { symbol, name, model: kind, ...parameters, tickSize, startPrice, ...others };
}

/** What all of some instruments say alike, but for what each has of its own. */
function sharedBy([first = {}, ...others]: readonly Fields[]): Fields {
  const isShared = (name: string) => others.every((fields) => isSame(fields[name], first[name]));
  // Parameters among the defaults must be those of the model there.
  const names = isShared('model') ? SHARED_FIELDS : SHARED_FIELDS.filter(isNoParameter);
  const shared = names.filter((name) => Object.hasOwn(first, name) && isShared(name));
  return Object.fromEntries(shared.map((name) => [name, first[name]]));
}

/** A calendar of one's own is the only value of several. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other);
}

/** What of a market an instrument is checked by. */
interface Common {
  readonly seed: number;
  readonly dtype: Dtype;
  readonly intervalMs: number;
  /** By what was said: those of the defaults are checked once. */
  readonly calendars: Map<unknown, CalendarSpec>;
}

function checkInstruments(check: Check, fields: Fields, common: Common): readonly Instrument[] {
  const defaults =
    check.fields('defaults', fields.defaults ?? {}, DEFAULTS_FIELDS, FIELDS_OF) ?? {};
  const listed = fields.instruments;
  if (listed === undefined) {
    const count = check.whole('count', fields.count, 1, MAX_INSTRUMENTS, 100);
    const pattern = check.pattern(fields.pattern);
    const width = String(count - 1).length;
    // The defaults are the same for all, so their problems are found once.
    const problemsBefore = check.problems.length;
    const made: Instrument[] = [];
    for (let n = 0; n < count && check.problems.length === problemsBefore; n++) {
      const symbol = pattern.replace('{}', String(n).padStart(width, '0'));
      const name = nameOf(symbol);
      const inherited = withoutSaid(defaults, symbol);
      made.push(checkInstrument(check, 'defaults', { symbol, name, ...inherited }, common));
    }
    return made;
  }
  for (const path of ['count', 'pattern'] as const) {
    if (fields[path] !== undefined) {
      check.problem(path, 'cannot stand beside instruments: give one or the other', fields[path]);
    }
  }
  if (!Array.isArray(listed) || listed.length < 1 || listed.length > MAX_INSTRUMENTS) {
    const rule = `must be a list of 1 to ${MAX_INSTRUMENTS} instruments`;
    check.problem('instruments', rule, Array.isArray(listed) ? `${listed.length} of them` : listed);
    return [];
  }
  const problemsBefore = check.problems.length;
  checkInstrument(check, 'defaults', { symbol: 'X', name: 'X', ...defaults }, common);
  // What is wrong with the defaults is said once, not again for every instrument.
  if (check.problems.length > problemsBefore) return [];
  const places = new Map<string, number>();
  return listed.flatMap((entry: unknown, n) => {
    const path = `instruments[${n}]`;
    const given = typeof entry === 'string' ? { symbol: entry } : entry;
    const own = check.fields(path, given, INSTRUMENT_FIELDS, FIELDS_OF);
    if (own === undefined) return [];
    if (typeof own.symbol === 'string') {
      const first = places.get(own.symbol);
      if (first !== undefined) {
        check.problem(
          `${path}.symbol`,
          `must differ from instruments[${first}].symbol`,
          own.symbol,
        );
      }
      places.set(own.symbol, n);
    }
    const inherited = withoutSaid(withoutParametersOfOthers(defaults, own.model), own.symbol);
    return [checkInstrument(check, path, { ...inherited, ...own }, common)];
  });
}

/** The defaults as an instrument of its own model inherits them: what that model has no use for. */
function withoutParametersOfOthers(defaults: Fields, model: unknown): Fields {
  if (!isModelKind(model)) return defaults;
  const known = parametersOf(model);
  const isInherited = ([name]: [string, unknown]) =>
    isNoParameter(name) || Object.hasOwn(known, name);
  return Object.fromEntries(Object.entries(defaults).filter(isInherited));
}

/** The defaults as an instrument inherits them whose symbol says its quote. */
function withoutSaid(defaults: Fields, symbol: unknown): Fields {
  if (typeof symbol !== 'string' || saidQuote(symbol) === undefined) return defaults;
  const { quote, ...others } = defaults;
  return others;
}

function checkInstrument(
  check: Check,
  path: string,
  fields: Fields,
  { seed, dtype, intervalMs, calendars }: Common,
): Instrument {
  const symbol = check.symbol(`${path}.symbol`, fields.symbol);
  const name = check.text(`${path}.name`, fields.name, symbol);
  const model = checkModel(check, path, fields, intervalMs);
  const { min, max } = DTYPES[dtype];
  // All but the walk live in the logarithm of the price.
  const minTicks = model.kind === 'walk' ? min : 1;
  const tickSize = check.tickSize(`${path}.tickSize`, fields.tickSize);
  const decimals = decimalsOf(tickSize);
  const bounds = { minTicks, maxTicks: max, tickSize, decimals };
  const startTicks =
    fields.startPrice === undefined
      ? drawStart(seed, symbol, min, max)
      : check.startTicks(`${path}.startPrice`, fields.startPrice, { ...bounds, dtype });
  const sector = check.sector(`${path}.sector`, fields.sector);
  const said = fields.calendar;
  const calendar = calendars.get(said) ?? checkCalendar(check, `${path}.calendar`, said);
  if (typeof said === 'object') calendars.set(said, calendar);
  // A price that moves by itself has a trade in each row.
  const leastPerRow = model.kind === 'market' ? 0 : 1;
  // Of the model `market` it is by its own time that more is traded in less of it.
  const openShare = leastPerRow === 0 ? 1 : openShareOf(calendar);
  const trading = checkTrading(check, path, fields, leastPerRow, intervalMs, openShare);
  const listing = checkListing(check, path, symbol, fields);
  return { symbol, name, model, startTicks, ...bounds, sector, calendar, trading, listing };
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

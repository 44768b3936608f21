import { Check, type Fields, type SpecProblem } from '../check.ts';
import type { Rows } from '../rows.ts';
import { unknownName } from '../unknown.ts';

/** Which instruments an effect is for. */
export type Target =
  | { readonly all: true }
  | { readonly sector: string }
  | { readonly symbol: string };

interface Common {
  readonly of: Target;
  /** When it begins, since the time of its entry's row. */
  readonly afterMs: number;
}

/** A jump at one row, for good. */
export interface Shift extends Common {
  readonly kind: 'shift';
  readonly percent: number;
}

/** A move along a line, then back along another by a part of it, in percent: 0 is not at all. */
export interface Ramp extends Common {
  readonly kind: 'ramp';
  readonly percent: number;
  readonly overMs: number;
  readonly backPercent: number;
  readonly backOverMs: number;
}

/** What the model moves, times a factor for a time. */
export interface Volatility extends Common {
  readonly kind: 'volatility';
  readonly factor: number;
  readonly forMs: number;
}

/** A slope for a time. */
export interface Drift extends Common {
  readonly kind: 'drift';
  readonly percentPerDay: number;
  readonly forMs: number;
}

/**
 * No trades for a time, in which all stands still. Then the price is where the model has gone
 * (`base`), or goes on from where it stood (`frozen`).
 */
export interface Halt extends Common {
  readonly kind: 'halt';
  readonly forMs: number;
  readonly resume: 'base' | 'frozen';
}

/** Spread, depth and volume times factors, for a time. */
export interface Liquidity extends Common {
  readonly kind: 'liquidity';
  readonly spread: number;
  readonly depth: number;
  readonly volume: number;
  readonly forMs: number;
}

/** What is done to some instruments. */
export type Effect = Shift | Ramp | Volatility | Drift | Halt | Liquidity;
export type EffectKind = Effect['kind'];

/** The most effects of one entry. */
export const MOST_EFFECTS = 100;
/** Then no more are looked for: to name the nearest to an unknown symbol takes all there are. */
const MOST_PROBLEMS = 10;
const TEN_YEARS_MS = 3653 * 86_400_000;

const number = (min: number, max: number, fallback?: number) =>
  ({ type: 'number', min, max, fallback }) as const;
const duration = (min: number, fallback?: number) => ({ type: 'duration', min, fallback }) as const;
const choice = <const O extends readonly [string, ...string[]]>(...options: O) =>
  ({ type: 'choice', options }) as const;
/** A part of what there is, that leaves something: a price never reaches 0. */
const PERCENT = number(-99.9, 10_000);

/** What is said of each kind, as users name it. What has no default must be said. */
export const EFFECTS = {
  shift: { percent: PERCENT },
  ramp: {
    percent: PERCENT,
    over: duration(1),
    backPercent: number(0, 1000, 0),
    backOver: duration(1, 1),
  },
  volatility: { factor: number(0, 100), for: duration(1) },
  drift: { percentPerDay: number(-99.9, 10_000), for: duration(1) },
  halt: { for: duration(1), resume: choice('base', 'frozen') },
  liquidity: {
    spread: number(0.01, 100, 1),
    depth: number(0.01, 100, 1),
    volume: number(0.01, 100, 1),
    for: duration(1),
  },
} as const;

type Said = Readonly<
  Record<string, ReturnType<typeof number> | ReturnType<typeof duration> | { type: 'choice' }>
>;

export const EFFECT_KINDS = Object.keys(EFFECTS) as readonly EffectKind[];
const TARGETS = ['symbol', 'sector'];
/** What is a time by its name, as code has it: units last. */
const inCode = (name: string, isDuration: boolean) => (isDuration ? `${name}Ms` : name);

export type EffectsCheck =
  | { readonly ok: true; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

/** Checks what users say of effects, as parsed from JSON or YAML. `path` is where they stand. */
export function checkEffects(
  input: unknown,
  market: Pick<Rows, 'instruments' | 'columnOf' | 'symbols'>,
  path = 'effects',
): EffectsCheck {
  const problems: SpecProblem[] = [];
  const check = new Check(problems);
  if (!Array.isArray(input) || input.length < 1 || input.length > MOST_EFFECTS) {
    const given = Array.isArray(input) ? `${input.length} of them` : input;
    check.problem(path, `must be a list of 1 to ${MOST_EFFECTS} effects`, given);
    return { ok: false, problems };
  }
  const effects: Effect[] = [];
  for (const [n, effect] of input.entries()) {
    if (problems.length >= MOST_PROBLEMS) break;
    effects.push(checkEffect(check, effect, market, `${path}[${n}]`));
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, effects };
}

/** The same of one; it is a stand-in where `check` has found a problem. */
export function checkEffect(
  check: Check,
  input: unknown,
  market: Pick<Rows, 'instruments' | 'columnOf' | 'symbols'>,
  path: string,
): Effect {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const given: Fields =
    typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Fields) : {};
  const isKind = EFFECT_KINDS.some((kind) => kind === given.kind);
  if (!isKind) check.noneOf('kind', at('kind'), EFFECT_KINDS, given.kind);
  const kind = isKind ? (given.kind as EffectKind) : 'shift';
  const said: Said = EFFECTS[kind];
  if (isKind || given !== input) {
    check.fields(path, input, ['kind', 'after', ...TARGETS, ...Object.keys(said)]);
  }
  const of = checkTarget(check, given, market, at);
  const afterMs = check.duration(at('after'), given.after, 0, TEN_YEARS_MS, 0);
  const parameters = Object.entries(isKind ? said : {}).map(([name, parameter]) => [
    inCode(name, parameter.type === 'duration'),
    checkParameter(check, at(name), given[name], parameter),
  ]);
  return { kind, of, afterMs, ...Object.fromEntries(parameters) } as Effect;
}

function checkParameter(check: Check, path: string, value: unknown, parameter: Said[string]) {
  if (parameter.type === 'choice') {
    return check.choice(path, value, (parameter as ReturnType<typeof choice>).options);
  }
  const { type, min, fallback } = parameter as ReturnType<typeof number | typeof duration>;
  if (value === undefined && fallback === undefined) {
    const rule = type === 'number' ? 'must be a number' : 'must be a duration such as 30s';
    check.problem(path, rule, value);
    return min;
  }
  return type === 'number'
    ? check.number(path, value, min, (parameter as { max: number }).max, fallback ?? min)
    : check.duration(path, value, min, TEN_YEARS_MS, fallback ?? min);
}

function checkTarget(
  check: Check,
  { symbol, sector }: Fields,
  market: Pick<Rows, 'instruments' | 'columnOf' | 'symbols'>,
  at: (name: string) => string,
): Target {
  if (symbol !== undefined && sector !== undefined) {
    check.problem(at('sector'), 'cannot stand beside symbol: give one or the other', sector);
  }
  if (symbol !== undefined) {
    if (typeof symbol !== 'string' || market.columnOf(symbol) === undefined) {
      unknownTarget(check, at('symbol'), 'symbol', symbol, market.symbols);
    }
    return { symbol: textOf(symbol) };
  }
  if (sector !== undefined) {
    const sectors = [...new Set(market.instruments.map((instrument) => instrument.sector))];
    const known = sectors.filter((name) => name !== '');
    if (!known.some((name) => name === sector)) {
      unknownTarget(check, at('sector'), 'sector', sector, known);
    }
    return { sector: textOf(sector) };
  }
  return { all: true };
}

/** What is no text may be nested deeper than it can be made one. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function unknownTarget(
  check: Check,
  path: string,
  kind: string,
  value: unknown,
  known: readonly string[],
): void {
  if (typeof value !== 'string') check.problem(path, `must be a ${kind} of the market`, value);
  else check.problems.push({ path, message: unknownName({ kind, name: value, known }) });
}

/** How often something is done to an instrument by some effects: each counts for all it is for. */
export function countActs(
  effects: readonly Effect[],
  instruments: readonly { readonly symbol: string; readonly sector: string }[],
): number {
  const countOf = (of: Target) => {
    if ('all' in of) return instruments.length;
    return 'symbol' in of ? 1 : instruments.filter((one) => isFor(of, one)).length;
  };
  return effects.reduce((sum, { of }) => sum + countOf(of), 0);
}

/** Whether an effect is for an instrument. */
export function isFor(
  of: Target,
  { symbol, sector }: { readonly symbol: string; readonly sector: string },
): boolean {
  if ('symbol' in of) return of.symbol === symbol;
  return 'sector' in of ? of.sector === sector : true;
}

/** An effect as users say it: what `checkEffect` takes back. */
export function describeEffect(effect: Effect): Fields {
  const { kind, of, afterMs } = effect;
  const said = Object.entries(EFFECTS[kind] as Said).map(([name, { type }]) => [
    name,
    (effect as unknown as Fields)[inCode(name, type === 'duration')],
  ]);
  const target = 'all' in of ? {} : of;
  return {
    kind,
    ...target,
    ...(afterMs === 0 ? {} : { after: afterMs }),
    ...Object.fromEntries(said),
  };
}

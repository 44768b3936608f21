/**
 * What can be said of each model: the one table that specs are checked by, that decides a market's
 * id, and that docs/models.md is held to.
 */
import { DAY_MS } from '../time.ts';
import { YEAR_MS } from './context.ts';

/** A number with bounds; `unit` says what it counts, and for how long. */
export interface NumberParameter {
  readonly type: 'number';
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
  readonly unit: string;
  /** Of what counts events of a day: how many there may be to a row. */
  readonly maxPerRow?: number;
}

/** A length of time: text such as `10m`, or milliseconds; bounds and `fallback` in milliseconds. */
export interface DurationParameter {
  readonly type: 'duration';
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
  readonly unit: string;
  /** How many rows it must last, and may. */
  readonly minRows?: number;
  readonly maxRows?: number;
}

/** One of some words; the first of them unless said. */
export interface ChoiceParameter {
  readonly type: 'choice';
  readonly options: readonly [string, ...string[]];
  readonly unit: string;
}

export type Parameter = NumberParameter | DurationParameter | ChoiceParameter;

const number = (min: number, max: number, fallback: number, unit: string) =>
  ({ type: 'number', min, max, fallback, unit }) as const;

const perDay = (fallback: number, maxPerRow: number, unit: string) =>
  ({ type: 'number', min: 0, max: 1e8, fallback, unit, maxPerRow }) as const;
/** From one millisecond, or some rows, to ten years, or some rows. */
const duration = (fallback: number, unit: string, minRows = 0, maxRows = Number.MAX_SAFE_INTEGER) =>
  ({ type: 'duration', min: 1, max: 10 * YEAR_MS, fallback, unit, minRows, maxRows }) as const;
const choice = <const O extends readonly [string, ...string[]]>(options: O, unit: string) =>
  ({ type: 'choice', options, unit }) as const;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DRIFT = number(-100, 100, 0.05, 'growth of the mean price a year; 0.05 is 5 %');
const VOLATILITY = number(0, 100, 0.3, 'standard deviation of the log price a year; 0.3 is 30 %');

export const PARAMETERS = {
  walk: {},
  gbm: { drift: DRIFT, volatility: VOLATILITY },
  ou: {
    volatility: VOLATILITY,
    halfLife: duration(HOUR_MS, 'in which a distance from the start price halves'),
  },
  jump: {
    drift: DRIFT,
    volatility: VOLATILITY,
    jumpsPerDay: perDay(6, 8, 'sudden moves a day'),
    jumpMean: number(-1, 1, 0, 'their mean in the logarithm; -0.01 is about 1 % down'),
    jumpSize: number(0, 2, 0.004, 'their standard deviation in the logarithm'),
  },
  'crash-boom': {
    drift: DRIFT,
    volatility: number(0, 100, 0.1, VOLATILITY.unit),
    direction: choice(['crash', 'boom', 'both'], 'where spikes go: down, up, or either way'),
    spikesPerDay: perDay(24, 1 / 16, 'spikes a day'),
    spikeSize: number(0, 2, 0.02, 'their mean in the logarithm; 0.02 is about 2 %'),
    recovery: duration(20 * MINUTE_MS, 'in which half of a spike is made up for', 0, 2 ** 18),
  },
  range: {
    volatility: VOLATILITY,
    rangeWidth: number(0.000_001, 2, 0.005, 'of the range in the logarithm; 0.005 is about 0.5 %'),
    holdTime: duration(4 * HOUR_MS, 'that a range holds, on average', 8),
    breakTime: duration(5 * MINUTE_MS, 'that the way to the next range takes', 1, 2 ** 14),
  },
  regime: {
    calmDrift: number(-100, 100, 0.2, DRIFT.unit),
    calmVolatility: number(0, 100, 0.15, VOLATILITY.unit),
    calmTime: duration(8 * HOUR_MS, 'that the calm lasts, on average', 32),
    stormDrift: number(-100, 100, -0.6, DRIFT.unit),
    stormVolatility: number(0, 100, 0.6, VOLATILITY.unit),
    stormTime: duration(HOUR_MS, 'that a storm lasts, on average', 32),
  },
  market: {
    drift: DRIFT,
    volatility: VOLATILITY,
    clustering: number(0, 1, 1, 'how much volatility changes, from seconds to years; 0 is never'),
    marketShare: number(0, 1, 0.3, 'of the variance, common to all instruments of the model'),
    sectorShare: number(0, 1, 0.2, 'of the variance, common to those of the same sector'),
    intraday: number(-0.45, 0.9, 0.35, 'depth of the U of volatility over a day; 0 is flat'),
    weekend: number(0.01, 1, 1, 'variance of a weekend day over that of others; of always'),
    leverage: number(0, 1, 0, 'how much prices fall when volatility rises'),
    jumpsPerDay: number(0, 8, 0.35, 'sudden moves a day of business'),
    jumpShare: number(0, 0.9, 0.18, 'of the variance, from jumps'),
    jumpSkew: number(-0.95, 0.95, 0.6, 'how far jumps of the whole market go down on average'),
    ownJumpSkew: number(-0.95, 0.95, 0, 'how far jumps of its own go down on average'),
    feedbackShare: number(0, 0.9, 0.25, 'of the variance, in answer to moves of the days before'),
    feedbackDays: number(1, 250, 40, 'days that are answered, in business'),
    asymmetry: number(-1, 1, 0, 'how much more falls are answered than rises'),
    pull: number(0, 1, 0, 'of the distance from the start price, given back in 1,024 days'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Parameter>>>>;

export type ModelKind = keyof typeof PARAMETERS;

type ValueOf<P extends Parameter> = P extends ChoiceParameter ? P['options'][number] : number;

type ParametersOf<K extends ModelKind> = {
  readonly [P in keyof (typeof PARAMETERS)[K]]: (typeof PARAMETERS)[K][P] extends Parameter
    ? ValueOf<(typeof PARAMETERS)[K][P]>
    : never;
};

/** What an instrument of model `K` says of it, durations in milliseconds. */
export type ModelSpecOf<K extends ModelKind> = { readonly kind: K } & ParametersOf<K>;

/** Which rule an instrument's prices follow, with its parameters in the order of `PARAMETERS`. */
export type ModelSpec = { [K in ModelKind]: ModelSpecOf<K> }[ModelKind];

/** The bounds of a parameter, and what it is where nothing is said, at such an interval. */
export function boundsOf(
  parameter: NumberParameter | DurationParameter,
  intervalMs: number,
): { readonly min: number; readonly max: number; readonly fallback: number } {
  let { min, max } = parameter;
  if (parameter.type === 'duration') {
    min = Math.max(min, (parameter.minRows ?? 0) * intervalMs);
    max = Math.max(min, Math.min(max, (parameter.maxRows ?? Number.MAX_VALUE) * intervalMs));
  } else if (parameter.maxPerRow !== undefined) {
    max = Math.min(max, (parameter.maxPerRow * DAY_MS) / intervalMs);
  }
  return { min, max, fallback: Math.min(max, Math.max(min, parameter.fallback)) };
}

export const MODEL_KINDS = Object.keys(PARAMETERS) as readonly ModelKind[];

export function isModelKind(name: unknown): name is ModelKind {
  return typeof name === 'string' && Object.hasOwn(PARAMETERS, name);
}

/** The parameters of a model, by name, in their order. */
export function parametersOf(kind: ModelKind): Readonly<Record<string, Parameter>> {
  return PARAMETERS[kind];
}

/** The models that have a parameter of this name. */
export function modelsWith(parameter: string): readonly ModelKind[] {
  return MODEL_KINDS.filter((kind) => Object.hasOwn(PARAMETERS[kind], parameter));
}

/** The names of all parameters of all models, each once. */
export const PARAMETER_NAMES: readonly string[] = [
  ...new Set(MODEL_KINDS.flatMap((kind) => Object.keys(PARAMETERS[kind]))),
];

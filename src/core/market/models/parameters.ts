/**
 * What can be said of each model: the one table that specs are checked by, that decides a market's
 * id, and that docs/models.md is held to.
 */

/** A number with bounds; `unit` says what it counts, and for how long. */
export interface NumberParameter {
  readonly type: 'number';
  readonly min: number;
  readonly max: number;
  readonly usual: number;
  readonly unit: string;
}

/** A length of time: text such as `10m`, or milliseconds; bounds and `usual` in milliseconds. */
export interface DurationParameter {
  readonly type: 'duration';
  readonly min: number;
  readonly max: number;
  readonly usual: number;
  readonly unit: string;
}

/** One of some words; the first of them unless said. */
export interface ChoiceParameter {
  readonly type: 'choice';
  readonly options: readonly [string, ...string[]];
  readonly unit: string;
}

export type Parameter = NumberParameter | DurationParameter | ChoiceParameter;

const number = (min: number, max: number, usual: number, unit: string) =>
  ({ type: 'number', min, max, usual, unit }) as const;

const DRIFT = number(-100, 100, 0.05, 'growth of the mean price a year; 0.05 is 5 %');
const VOLATILITY = number(0, 100, 0.3, 'standard deviation of the log price a year; 0.3 is 30 %');

export const PARAMETERS = {
  walk: {},
  gbm: { drift: DRIFT, volatility: VOLATILITY },
  market: {
    drift: DRIFT,
    volatility: VOLATILITY,
    clustering: number(0, 1, 1, 'how much of the bursts of volatility there is; 0 is none'),
    marketShare: number(0, 1, 0.3, 'of the variance, common to all instruments of the model'),
    sectorShare: number(0, 1, 0.2, 'of the variance, common to those of the same sector'),
    intraday: number(0, 0.9, 0.35, 'depth of the U of volatility over a day; 0 is flat'),
    leverage: number(0, 1, 0, 'how much prices fall when volatility rises'),
    jumpsPerDay: number(0, 100_000, 4, 'sudden moves a day'),
    jumpShare: number(0, 0.9, 0.004, 'of the variance, from jumps'),
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

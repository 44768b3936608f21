import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';

/** The parameters of a request; what else it says is ignored, as clients add some. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A parameter that must be there. Throws a `TickwellError`. */
export function textOf(parameters: Parameters, name: string): string {
  const value = optionalText(parameters, name);
  if (value === undefined || value === '') {
    throw new TickwellError('bad_request', `${name} must be given; given: ${quoted(value ?? '')}`);
  }
  return value;
}

/** A parameter that may be left out. Throws a `TickwellError` if it is given twice. */
export function optionalText(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new TickwellError('bad_request', `${name} must be given once; given: ${quoted(value)}`);
}

/** A whole number from `least` to `most`; `fallback`, if it is left out or empty. */
export function wholeOf(
  parameters: Parameters,
  name: string,
  [least, most]: readonly [least: number, most: number],
  fallback: number,
): number {
  const text = optionalText(parameters, name);
  if (text === undefined || text === '') return fallback;
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const rule = `${name} must be a whole number from ${least} to ${most}`;
  throw new TickwellError('bad_request', `${rule}; given: ${quoted(text)}`);
}

/** The first and last second of the years that there are. */
const SECONDS = [-62_135_596_800, 253_402_300_799] as const;

/** A time in whole seconds since 1970, in milliseconds. Throws a `TickwellError`. */
export function secondsOf(parameters: Parameters, name: string): number {
  textOf(parameters, name);
  return 1000 * wholeOf(parameters, name, SECONDS, 0);
}

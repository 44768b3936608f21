import type { ErrorBody } from '../../host/http/refusal.ts';
import { ERRORS, type ErrorCode, TickwellError } from '../../wire/errors.ts';

/** What is wrong, as a number that clients know. */
const CODES = {
  unknown: -1000,
  unauthorised: -1002,
  tooManyRequests: -1003,
  timeout: -1007,
  overloaded: -1008,
  unsupported: -1020,
  illegalCharacters: -1100,
  tooManyParameters: -1101,
  mandatory: -1102,
  empty: -1105,
  badInterval: -1120,
  badSymbol: -1121,
  badCombination: -1128,
  badParameter: -1130,
  badJson: -1135,
  badTickerType: -1139,
  repeatedSymbols: -1151,
  badStatus: -1220,
} as const;

type Problem = keyof typeof CODES;

/** Wrong input that this protocol has a number and a sentence of its own for. */
export class BinanceError extends TickwellError {
  readonly number: number;

  constructor(problem: Problem, message: string, code: ErrorCode = 'bad_request') {
    super(code, message);
    this.number = CODES[problem];
  }
}

/** What errors of the host are here. */
const OF_HOST: Readonly<Partial<Record<ErrorCode, Problem>>> = {
  unknown_symbol: 'badSymbol',
  not_found: 'unsupported',
  too_many: 'tooManyRequests',
  rate_limited: 'tooManyRequests',
  range_too_large: 'badParameter',
  faults_off: 'unauthorised',
  bad_origin: 'unauthorised',
  bad_host: 'unauthorised',
  timed_out: 'timeout',
  not_ready: 'overloaded',
  internal: 'unknown',
};

/** When to come back, in milliseconds since 1970. */
interface WhenToRetry {
  readonly serverTime: number;
  readonly retryAfter: number;
}

/** What an error is said as, by REST and by the WebSocket API. */
export interface Told {
  readonly status: number;
  readonly error: { readonly code: number; readonly msg: string; readonly data?: WhenToRetry };
}

/** An error in the words of this protocol; it says when to come back only to who has a clock. */
export function toldError(error: TickwellError, serverTime?: number): Told {
  const { code, message, details } = error;
  // A symbol that there is not is a parameter like any other here.
  const status = code === 'unknown_symbol' ? 400 : ERRORS[code].status;
  const number =
    error instanceof BinanceError ? error.number : CODES[OF_HOST[code] ?? 'illegalCharacters'];
  const { retryAfterMs } = details;
  if (serverTime === undefined || retryAfterMs === undefined) {
    return { status, error: { code: number, msg: message } };
  }
  const data = { serverTime, retryAfter: serverTime + Number(retryAfterMs) };
  return { status, error: { code: number, msg: message, data } };
}

/** The body of an answer that is an error. */
export function encodeError(error: TickwellError): ErrorBody {
  const told = toldError(error);
  const contentType = 'application/json; charset=utf-8';
  return { contentType, body: JSON.stringify(told.error), status: told.status };
}

export function noSuchSymbol(): BinanceError {
  return new BinanceError('badSymbol', 'Invalid symbol.');
}

/** `value` is a parameter's that must be something else. */
export function invalid(name: string): BinanceError {
  return new BinanceError('badParameter', `Data sent for parameter '${name}' is not valid.`);
}

export function illegal(name: string, range: string): BinanceError {
  return new BinanceError(
    'illegalCharacters',
    `Illegal characters found in parameter '${name}'; legal range is '${range}'.`,
  );
}

import { quoted } from '../../core/market/quoted.ts';
import type { ClientError } from '../../host/refused.ts';
import { type ErrorCode, TickwellError } from '../../wire/errors.ts';

/** What is wrong with a request, by the code that Deriv's clients know. */
export class DerivError extends TickwellError {
  readonly derivCode: string;
  /** What is wrong with which field, where one is. */
  readonly reasons: Readonly<Record<string, string>> | undefined;

  constructor(
    code: ErrorCode,
    derivCode: string,
    message: string,
    reasons?: Readonly<Record<string, string>>,
  ) {
    super(code, message);
    this.derivCode = derivCode;
    this.reasons = reasons;
  }
}

/** That a field breaks a rule, which says `must be ...`. */
export function invalid(field: string, rule: string, value: unknown): DerivError {
  const reason =
    value === undefined ? `is missing: it ${rule}` : `${rule}; given: ${quoted(value)}`;
  return new DerivError(
    'bad_request',
    'InputValidationFailed',
    `Input validation failed: ${field}`,
    {
      [field]: reason,
    },
  );
}

export function unknownSymbol(symbol: string): DerivError {
  const message = `Symbol ${quoted(symbol)} is invalid.`;
  return new DerivError('unknown_symbol', 'InvalidSymbol', message);
}

/** Those that have codes of their own there; of all others, what a client can do about them. */
const CODES: Readonly<Partial<Record<ErrorCode, string>>> = {
  rate_limited: 'RateLimit',
  too_many: 'RateLimit',
  internal: 'WrongResponse',
  not_ready: 'MarketIsClosed',
};

/** What is said of an error in Deriv's words. */
export function errorOf(refusal: ClientError): Readonly<Record<string, unknown>> {
  const { code, message, details } = refusal;
  if (refusal instanceof DerivError) {
    const { derivCode, reasons } = refusal;
    return { code: derivCode, message, ...(reasons === undefined ? {} : { details: reasons }) };
  }
  const further = Object.keys(details).length === 0 ? {} : { details };
  return { code: CODES[code] ?? 'BadRequest', message, ...further };
}

import { quoted } from '../../core/market/quoted.ts';
import type { Message } from '../../delivery/socket-connection.ts';
import { TickwellError } from '../../wire/errors.ts';
import { DerivError, invalid } from './problems.ts';

/** What is answered. */
export const REQUESTS = [
  'ping',
  'time',
  'active_symbols',
  'ticks',
  'ticks_history',
  'forget',
  'forget_all',
] as const;
export type RequestName = (typeof REQUESTS)[number];

/** What needs an account there: this market takes no orders, and nobody has one. */
const OF_ACCOUNTS: readonly string[] = [
  ...['authorize', 'balance', 'buy', 'sell', 'cancel', 'proposal', 'proposal_open_contract'],
  ...['portfolio', 'profit_table', 'statement', 'transaction', 'contract_update', 'sell_expired'],
  ...['get_settings', 'set_settings', 'get_limits', 'api_token', 'topup_virtual', 'logout'],
];

/** A longer echo is not kept: many refusals may wait for a client that does not read. */
const MOST_KEPT_BYTES = 512;

export type Fields = Readonly<Record<string, unknown>>;

/** What of a request stands in each answer to it, as JSON of one byte a character. */
export interface Envelope {
  /** The kind of request; `error` if it is none that is known. */
  readonly name: string;
  readonly echo: string;
  readonly passthrough: string | undefined;
  readonly reqId: number | undefined;
}

export interface Request extends Envelope {
  readonly name: RequestName;
  readonly fields: Fields;
}

/** What a message asks for. Throws a `TickwellError`. */
export function requestOf(message: Message): Request {
  const fields = fieldsOf(message);
  const name = nameOf(fields);
  const { req_id: reqId, passthrough } = fields;
  if (reqId !== undefined && !Number.isSafeInteger(reqId)) {
    throw invalid('req_id', 'must be a whole number', reqId);
  }
  if (passthrough !== undefined && !isObject(passthrough)) {
    throw invalid('passthrough', 'must be an object', passthrough);
  }
  return { ...envelope(fields, name), name, fields };
}

/** What an answer to a message says of it, be the message what it may; little of a long one. */
export function envelopeOf(message: Message): Envelope {
  let fields: Fields;
  try {
    fields = fieldsOf(message);
  } catch {
    return { name: 'error', echo: '{}', passthrough: undefined, reqId: undefined };
  }
  const name = Object.keys(fields).find((key) => isServed(key) || OF_ACCOUNTS.includes(key));
  const whole = envelope(fields, name ?? 'error');
  if (whole.echo.length + (whole.passthrough?.length ?? 0) <= MOST_KEPT_BYTES) return whole;
  const { reqId } = whole;
  return { ...whole, echo: asciiJson({ req_id: reqId }), passthrough: undefined };
}

/** A value of JSON as text in which each character is one byte. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function envelope(fields: Fields, name: string): Envelope {
  const { req_id: reqId, passthrough } = fields;
  return {
    name,
    echo: asciiJson(fields),
    passthrough: isObject(passthrough) ? asciiJson(passthrough) : undefined,
    reqId: Number.isSafeInteger(reqId) ? (reqId as number) : undefined,
  };
}

function fieldsOf(message: Message): Fields {
  if (typeof message !== 'string') {
    const given = `${message.byteLength} bytes`;
    throw new TickwellError('bad_json', `a message must be text; given: ${given}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw new TickwellError('bad_json', `a message must be JSON; given: ${quoted(message)}`);
  }
  if (isObject(value)) return value;
  throw new TickwellError('bad_json', `a message must be an object; given: ${quoted(value)}`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isServed(key: string): key is RequestName {
  return REQUESTS.includes(key as RequestName);
}

/** The request is named by its first key, as a rule: by the first that is a name. */
function nameOf(fields: Fields): RequestName {
  const keys = Object.keys(fields);
  const name = keys.find((key) => isServed(key) || OF_ACCOUNTS.includes(key));
  if (name === undefined) {
    throw new DerivError('unknown_type', 'UnrecognisedRequest', 'Unrecognised request.');
  }
  if (isServed(name)) return name;
  const sentence = `Please log in: this market has no accounts and takes no orders, so no ${name}.`;
  throw new DerivError('bad_request', 'AuthorizationRequired', sentence);
}

import { quoted } from '../../../core/market/quoted.ts';
import { type ErrorCode, TickwellError } from '../../../wire/errors.ts';

/** What is wrong with a message, by the numbers of these streams. */
const CODES = { property: 0, value: 1, request: 2, json: 3 } as const;

/** Wrong input, as these streams tell it. */
export class StreamError extends TickwellError {
  readonly number: number;

  constructor(problem: keyof typeof CODES, message: string, code: ErrorCode = 'bad_request') {
    super(code, message);
    this.number = CODES[problem];
  }
}

const METHODS = [
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'LIST_SUBSCRIPTIONS',
  'SET_PROPERTY',
  'GET_PROPERTY',
] as const;
type Method = (typeof METHODS)[number];

/** As long as the longest id that clients make: a UUID. */
const MAX_ID_LENGTH = 36;

/** By what an answer is known; clients that do not care leave it out. */
export type RequestId = string | number | null;

/** What a client asks for. */
export type StreamRequest = { readonly id: RequestId } & (
  | { readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly names: readonly string[] }
  | { readonly method: 'LIST_SUBSCRIPTIONS' | 'GET_PROPERTY' }
  | { readonly method: 'SET_PROPERTY'; readonly isCombined: boolean }
);

type Fields = Readonly<Record<string, unknown>>;

const wrong = (rule: string) => new StreamError('request', `Invalid request: ${rule}`);

/** The object that a message is. Throws a `StreamError`. */
export function fieldsOf(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const sentence = `Invalid JSON: a message must be JSON; given: ${quoted(text)}`;
    throw new StreamError('json', sentence, 'bad_json');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(`a message must be an object; given: ${quoted(value)}`);
}

/** The id that a message is answered by, if it has a right one. */
export function idIn({ id = null }: Fields): RequestId | undefined {
  const isText = typeof id === 'string' && id.length <= MAX_ID_LENGTH;
  return isText || id === null || Number.isSafeInteger(id) ? (id as RequestId) : undefined;
}

/** What the fields of a message ask for. Throws a `StreamError`. */
export function requestOf(fields: Fields): StreamRequest {
  const id = idIn(fields);
  if (id === undefined) {
    const rule = `request ID must be an integer, a text of at most ${MAX_ID_LENGTH} or null`;
    throw wrong(`${rule}; given: ${quoted(fields.id)}`);
  }
  const method = methodOf(fields);
  switch (method) {
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return { id, method, names: namesOf(fields) };
    case 'LIST_SUBSCRIPTIONS':
      return { id, method };
    case 'GET_PROPERTY':
      propertyOf(fields, 1);
      return { id, method };
    case 'SET_PROPERTY':
      return { id, method, isCombined: propertyOf(fields, 2) };
  }
}

function methodOf({ method }: Fields): Method {
  if (method === undefined) throw wrong('missing field `method`');
  const known = METHODS.find((one) => one === method);
  if (known !== undefined) return known;
  throw wrong(`unknown variant ${quoted(method)}, expected one of ${METHODS.join(', ')}`);
}

function listOf({ params }: Fields): readonly unknown[] {
  if (params === undefined) throw wrong('missing field `params`');
  if (Array.isArray(params)) return params;
  throw wrong(`params must be a list; given: ${quoted(params)}`);
}

function namesOf(fields: Fields): readonly string[] {
  const names = listOf(fields);
  for (const name of names) {
    if (typeof name !== 'string') throw wrong(`a stream must be a text; given: ${quoted(name)}`);
  }
  return names as readonly string[];
}

/** The value of the one property that there is, where `count` is 2; else nothing of use. */
function propertyOf(fields: Fields, count: 1 | 2): boolean {
  const [name, value, ...more] = listOf(fields);
  if (typeof name !== 'string') throw wrong('property name must be a string');
  if (more.length > 0 || (count === 1 && value !== undefined)) throw wrong('too many parameters');
  if (name !== 'combined') throw new StreamError('property', `Unknown property: ${quoted(name)}`);
  if (count === 1 || typeof value === 'boolean') return value === true;
  throw new StreamError('value', 'Invalid value type: expected Boolean');
}

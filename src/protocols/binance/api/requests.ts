import { BinanceError, invalid } from '../errors.ts';
import type { Parameters } from '../parameters.ts';

/** As long as the longest id that clients make: a UUID. */
const MAX_ID_LENGTH = 36;

/** By what an answer is known. */
export type RequestId = string | number | null;

/** What a client asks for. */
export interface ApiRequest {
  readonly id: RequestId;
  /** Without the version that may stand before it. */
  readonly method: string;
  readonly parameters: Parameters;
  /** Whether it wants to be told what it has used; undefined if it wants what all others do. */
  readonly hasLimits: boolean | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** What a message asks for. Throws a `BinanceError`. */
export function requestOf(text: string): ApiRequest {
  const fields = fieldsOf(text);
  const id = idIn(fields);
  if (id === undefined) throw invalid('id');
  const { method, params = {} } = fields;
  if (typeof method !== 'string' || method === '') {
    const rule = "Mandatory parameter 'method' was not sent, was empty/null, or malformed.";
    throw new BinanceError('mandatory', rule);
  }
  if (!isObject(params)) throw invalid('params');
  const { returnRateLimits } = params;
  if (returnRateLimits !== undefined && typeof returnRateLimits !== 'boolean')
    throw invalid('returnRateLimits');
  return {
    id,
    method: method.replace(/^v3\//, ''),
    parameters: parametersOf(params),
    hasLimits: returnRateLimits,
  };
}

/** How an error of a message is told: under its id, if that is right, and with what was used. */
export function answeredAs(text: string): Pick<ApiRequest, 'id' | 'hasLimits'> {
  try {
    const fields = fieldsOf(text);
    const { params } = fields;
    const said = isObject(params) ? params.returnRateLimits : undefined;
    const hasLimits = typeof said === 'boolean' ? said : undefined;
    return { id: idIn(fields) ?? null, hasLimits };
  } catch {
    return { id: null, hasLimits: undefined };
  }
}

function fieldsOf(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notJson();
  }
  if (!isObject(value)) throw notJson();
  return value;
}

function notJson(): BinanceError {
  return new BinanceError('badJson', 'Invalid JSON Request.', 'bad_json');
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function idIn({ id = null }: Fields): RequestId | undefined {
  const isText = typeof id === 'string' && id.length <= MAX_ID_LENGTH;
  return isText || id === null || Number.isSafeInteger(id) ? (id as RequestId) : undefined;
}

/** The same as an address would say it, so that both are understood by the same rules. */
function parametersOf(params: Fields): Parameters {
  const texts = Object.entries(params).map(([name, value]) => {
    if (typeof value === 'string') return [name, value] as const;
    return [name, value === null ? '' : JSON.stringify(value)] as const;
  });
  return Object.fromEntries(texts);
}

import type { What } from '../../../core/history/wanted.ts';
import type { Market } from '../../../core/market/market.ts';
import { quoted } from '../../../core/market/quoted.ts';
import { unknownName } from '../../../core/market/unknown.ts';
import type { Pay } from '../../../host/budgets/work.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { ClientMessage, SubscribeRequests } from '../../../wire/requests.ts';
import { wholeOf } from '../requests.ts';
import { followedOf, OWN_NAMES } from '../streams.ts';
import { columnsOf } from '../symbols.ts';

/** A message of a client, of which no more is known than that it is an object. */
export type Fields = Readonly<Record<string, unknown>>;

type Type = ClientMessage['type'];

type NamesOf<M> = M extends ClientMessage ? readonly (keyof M)[] : never;

/** What each message may have, but for what is followed. */
export const FIELDS_OF: {
  readonly [T in Exclude<Type, 'subscribe'>]: NamesOf<Extract<ClientMessage, { type: T }>>;
} = {
  fetch: ['type', 'id', 'symbols', 'since', 'fields', 'limit', 'market'],
  unsubscribe: ['type', 'id'],
  candles: [
    'type',
    'id',
    'symbol',
    'resolution',
    'tz',
    'offset',
    'from',
    'count',
    'fields',
    'held',
    'market',
  ],
  ping: ['type', 'id'],
};
const TYPES: readonly Type[] = ['fetch', 'subscribe', 'unsubscribe', 'candles', 'ping'];

const SHARED_NAMES = ['type', 'id', 'what', 'symbols', 'since', 'market'] as const;
/** What a `subscribe` may have, by what it is to follow. */
export const SUBSCRIBE_FIELDS: {
  readonly [W in What]: readonly (keyof SubscribeRequests[W])[];
} = {
  rows: [...SHARED_NAMES, ...OWN_NAMES.rows],
  candles: [...SHARED_NAMES, ...OWN_NAMES.candles],
  trades: [...SHARED_NAMES, ...OWN_NAMES.trades],
  depth: [...SHARED_NAMES, ...OWN_NAMES.depth],
};

const MAX_ID = 2 ** 32 - 1;

/** The message that `text` is. */
export function parseMessage(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TickwellError('bad_json', `a message must be JSON; given: ${quoted(text)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TickwellError('bad_request', `a message must be an object; given: ${quoted(value)}`);
  }
  return value as Fields;
}

/** The type of a message whose fields are all known. */
export function typeOf(fields: Fields): Type {
  const { type } = fields;
  const known = TYPES.find((one) => one === type);
  if (known === undefined) throw new TickwellError('unknown_type', unknownType(type));
  const names: readonly string[] =
    known === 'subscribe' ? SUBSCRIBE_FIELDS[followedOf(fields)] : FIELDS_OF[known];
  for (const name of Object.keys(fields)) checkName(known, name, names);
  return known;
}

/** All that a type of message may have. */
function namesOf(type: Type): readonly string[] {
  return type === 'subscribe' ? Object.values(SUBSCRIBE_FIELDS).flat() : FIELDS_OF[type];
}

function unknownType(type: unknown): string {
  if (type === undefined) return `type is missing; there are ${TYPES.join(', ')}`;
  if (typeof type === 'string') return unknownName({ kind: 'type', name: type, known: TYPES });
  return `type must be one of ${TYPES.join(', ')}; given: ${quoted(type)}`;
}

/** Where candles of several symbols are, as the end of a sentence. */
export const SEVERAL_CANDLES =
  'candles have one symbol, subscribe with a resolution and GET /v1/candles have symbols';

function checkName(type: Type, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  if (type === 'candles' && name === 'symbols') {
    const sentence = `unknown field "symbols" of candles; ${SEVERAL_CANDLES}`;
    throw new TickwellError('bad_request', sentence);
  }
  const elsewhere = TYPES.filter((other) => namesOf(other).includes(name));
  const asked = { kind: 'field', name, known, of: type, elsewhere };
  throw new TickwellError('bad_request', unknownName(asked));
}

export function idOf(fields: Fields): number {
  return wholeOf('id', required('id', fields.id), 0, MAX_ID);
}

export function required(field: string, value: unknown): unknown {
  if (value !== undefined) return value;
  throw new TickwellError('bad_request', `${field} is missing`);
}

/** The columns that a message names: `"*"` or a list. Text with commas is for addresses. */
export function columnsIn(market: Market, { symbols }: Fields, pay: Pay): readonly number[] {
  if (typeof symbols !== 'string' || symbols === '*') {
    return columnsOf(market, required('symbols', symbols), pay);
  }
  throw new TickwellError(
    'bad_request',
    `symbols must be "*" or a list of at least one symbol; given: ${quoted(symbols)}`,
  );
}

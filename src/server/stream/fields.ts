import type { Market } from '../../core/market/market.ts';
import { shown } from '../../core/market/shown.ts';
import { TickwellError } from '../../wire/errors.ts';
import { columnsOf, wholeOf } from '../requests.ts';

/** A message of a client, of which no more is known than that it is an object. */
export type Fields = Readonly<Record<string, unknown>>;

const MAX_ID = 2 ** 32 - 1;

/** The message that `text` is. */
export function parseMessage(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TickwellError('bad_json', `a message must be JSON; given: ${shown(text)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TickwellError('bad_request', `a message must be an object; given: ${shown(value)}`);
  }
  return value as Fields;
}

export function idOf(fields: Fields): number {
  return wholeOf('id', required('id', fields.id), 0, MAX_ID);
}

export function required(field: string, value: unknown): unknown {
  if (value !== undefined) return value;
  throw new TickwellError('bad_request', `${field} is required; given: nothing`);
}

/** The columns that a message names: `"*"` or a list. Text with commas is for addresses. */
export function columnsIn(market: Market, { symbols }: Fields): readonly number[] {
  if (typeof symbols !== 'string' || symbols === '*') {
    return columnsOf(market, required('symbols', symbols));
  }
  throw new TickwellError(
    'bad_request',
    `symbols must be "*" or a list of at least one symbol; given: ${shown(symbols)}`,
  );
}

import type { Rows } from '../../core/market/rows.ts';
import type { AnswerChanges, AnswerHarm } from '../../delivery/faulty/answer-harm.ts';
import { withBytes, withMessages } from '../../delivery/faulty/framing.ts';
import type {
  Changes,
  HarmForm,
  PriceChange,
  PriceField,
} from '../../delivery/faulty/harm-form.ts';
import { harmPrice, type Place } from '../../delivery/faulty/price-place.ts';
import { Moment } from './moment.ts';
import { type Codec, listOf, unpacked } from './stream/messages.ts';
import type { AlpacaSymbols } from './symbols.ts';

/** How messages of a stream say what is not so: of each symbol the last does. */
export function messageHarm(market: Rows, symbols: AlpacaSymbols, codec: Codec): HarmForm {
  const harm = (list: Place[], changes: Changes) => {
    const harmed = new Set<string>();
    for (const message of [...list].reverse()) {
      const column = symbols.names.columnOf(message.S);
      const change = column === undefined ? undefined : changes.prices.get(column);
      harmItem(market, message, changes.skewMs, harmed.has(message.S) ? undefined : change);
      harmed.add(message.S);
    }
  };
  return {
    alter: (frame, _told, changes) => {
      if (codec === 'json') return withMessages(frame, (list) => harm(list, changes));
      return withBytes(frame, (bytes) => {
        const list = unpacked(bytes);
        harm(list, changes);
        return listOf('msgpack', list) as Uint8Array;
      });
    },
  };
}

/** Changes the time and the price of a bar, a trade, a quote or a book. */
function harmItem(market: Rows, item: Place, skewMs: number, change?: PriceChange): void {
  if (skewMs !== 0 && item.t !== undefined) item.t = later(item.t, skewMs);
  if (change === undefined) return;
  const instrument = market.instruments[change.column]!;
  const set = (place: Place, key: string, field: PriceField) =>
    harmPrice(place, key, change, { instrument, field });
  if (item.bp !== undefined || item.ap !== undefined) {
    set(item, 'bp', 'bid');
    set(item, 'ap', 'ask');
  } else if (Array.isArray(item.b)) {
    set(item.b[0], 'p', 'bid');
    set(item.a?.[0], 'p', 'ask');
  } else set(item, item.c === undefined || Array.isArray(item.c) ? 'p' : 'c', 'last');
}

/** A time that is a text or a moment; what is beyond milliseconds stays. */
function later(time: string | Moment, ms: number): unknown {
  if (typeof time !== 'string') return new Moment(time.ms + ms, time.micros);
  const micros = Number(/\.\d{3}(\d{1,3})/.exec(time)?.[1]?.padEnd(3, '0') ?? 0);
  return new Moment(Date.parse(time) + ms, micros).toJSON();
}

/** How answers say what is not so: of lists the newest item does. */
export function answerHarm(market: Rows, symbols: AlpacaSymbols): AnswerHarm {
  return (json: Place, changes, { query, params }) => {
    const { sort } = query as Readonly<Record<string, unknown>>;
    const { symbol } = params as Readonly<Record<string, string>>;
    const walk: Walk = { market, symbols, changes, isDown: sort === 'desc' };
    harmWithin(walk, json, json.symbol ?? symbol);
  };
}

interface Walk {
  readonly market: Rows;
  readonly symbols: AlpacaSymbols;
  readonly changes: AnswerChanges;
  readonly isDown: boolean;
}

/** Goes down to the items; the nearest name above one that is of a symbol is its own. */
function harmWithin(walk: Walk, place: Place, name: string | undefined): void {
  if (Array.isArray(place)) {
    harmWithin(walk, walk.isDown ? place[0] : place.at(-1), name);
    return;
  }
  if (typeof place !== 'object' || place === null) return;
  if (place.t !== undefined) {
    const column = name === undefined ? undefined : walk.symbols.names.columnOf(name);
    const change = column === undefined ? undefined : walk.changes.of(column);
    harmItem(walk.market, place, walk.changes.skewMs, change);
    return;
  }
  for (const [key, inner] of Object.entries(place)) {
    const isSymbol = walk.symbols.names.columnOf(key) !== undefined;
    harmWithin(walk, inner, isSymbol ? key : name);
  }
}

/**
 * The kinds of faults, and what may be said of each.
 *
 * `scope` is what a strike harms: a whole row, one instrument of it, a connection at that row, or
 * an HTTP answer that is asked for while the row is the newest.
 */
interface Rule {
  readonly scope: 'row' | 'symbol' | 'connection' | 'answer';
  /** What it does, as the end of a sentence. */
  readonly text: string;
  readonly takes: Takes;
}

/** What stands behind the colon of a clause. */
type Takes =
  | { readonly what: 'nothing' }
  /** A time or a range of times, and one of the words at the most. */
  | { readonly what: 'time'; readonly words: readonly string[] }
  /** Some of these, of which each strike draws one; none says all. */
  | { readonly what: 'forms'; readonly forms: readonly string[] }
  | { readonly what: 'code' }
  | { readonly what: 'pace' };

const nothing: Takes = { what: 'nothing' };
const time = (...words: readonly string[]): Takes => ({ what: 'time', words });
const forms = (...names: readonly string[]): Takes => ({ what: 'forms', forms: names });

/** In the order in which documents list them. */
export const KINDS = {
  drop: { scope: 'row', text: 'the row never comes', takes: nothing },
  duplicate: { scope: 'row', text: 'the row comes twice', takes: nothing },
  reorder: { scope: 'row', text: 'the row comes after the next one', takes: nothing },
  delay: {
    scope: 'row',
    text: 'the row comes so much later; others wait for it, unless they overtake',
    takes: time('overtake'),
  },
  burst: { scope: 'row', text: 'nothing for so long, then all at once', takes: time() },
  corrupt: {
    scope: 'symbol',
    text: 'the price is wrong',
    takes: forms('ticks', 'negative', 'zero', 'null', 'string', 'nan', 'other'),
  },
  stale: { scope: 'symbol', text: 'the price before again, at the new time', takes: nothing },
  skew: { scope: 'row', text: 'the time of the row is wrong', takes: time('ahead', 'behind') },
  cut: { scope: 'connection', text: 'reset without a word', takes: nothing },
  close: { scope: 'connection', text: 'closed with a code', takes: { what: 'code' } },
  stall: { scope: 'connection', text: 'no byte for so long', takes: time() },
  halfopen: {
    scope: 'connection',
    text: 'no byte ever again, while the connection stays open',
    takes: nothing,
  },
  throttle: { scope: 'connection', text: 'so many bytes a second', takes: { what: 'pace' } },
  garbage: {
    scope: 'connection',
    text: 'a text that is no JSON before the row, or half of its message',
    takes: forms('text', 'half'),
  },
  status: {
    scope: 'answer',
    text: 'an error instead of the answer',
    takes: forms('429', '500', '502', '503'),
  },
  truncate: { scope: 'answer', text: 'the body ends in its middle', takes: nothing },
  slow: { scope: 'answer', text: 'the answer takes so much longer', takes: time() },
} as const satisfies Record<string, Rule>;

export type FaultKind = keyof typeof KINDS;

export const FAULT_KINDS = Object.keys(KINDS) as readonly FaultKind[];

export function isFaultKind(name: string): name is FaultKind {
  return Object.hasOwn(KINDS, name);
}

/** What may be said of a kind. */
export function takesOf(kind: FaultKind): Takes {
  return KINDS[kind].takes;
}

/** Whether each instrument of a row is struck or spared by itself. */
export function isOfSymbols(kind: FaultKind): boolean {
  return KINDS[kind].scope === 'symbol';
}

/** The most ticks that a corrupt price is off by. */
export const MOST_TICKS_OFF = 100;

/** The longest that a client is told to wait by `Retry-After`. */
export const MOST_RETRY_AFTER_S = 5;

/** What `garbage` of the form `text` sends: none of them is JSON. */
export const GARBAGE_TEXTS = [
  '<html><body><h1>502 Bad Gateway</h1></body></html>',
  'undefined',
  '{"type":"rows","rows":[[',
  "{'price': 1}",
  'NaN',
  'pong',
] as const;

/** A close code that may be sent (RFC 6455, 7.4, and IANA's registry): others mean no frame. */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

/** The code of `close` where none is said: the server goes away. */
export const DEFAULT_CLOSE_CODE = 1001;

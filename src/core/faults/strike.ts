import { deriveKeyOfText, fillWords, type Key, keyOfSeed } from '../random/threefry.ts';
import type { Clause, How } from './clause.ts';
import {
  DEFAULT_CLOSE_CODE,
  type FaultKind,
  GARBAGE_TEXTS,
  MOST_RETRY_AFTER_S,
  MOST_TICKS_OFF,
} from './kinds.ts';

/** What every strike says. */
interface Common {
  /** The place of its clause in the profile. */
  readonly clause: number;
}

/** What is done to one row on its way to a reader, all of it settled. */
export type Strike = Common &
  (
    | { readonly kind: 'drop' | 'duplicate' | 'reorder' | 'cut' | 'halfopen' | 'truncate' }
    /** So much of the host's time. Those behind wait too, but where it is overtaken. */
    | { readonly kind: 'delay'; readonly ms: number; readonly overtake: boolean }
    /** So much of the host's time. */
    | { readonly kind: 'burst' | 'stall' | 'slow'; readonly ms: number }
    /** Added to the time of the row; negative is behind. */
    | { readonly kind: 'skew'; readonly ms: number }
    | CorruptStrike
    | { readonly kind: 'stale'; readonly symbol: string }
    | { readonly kind: 'close'; readonly code: number }
    | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
    | { readonly kind: 'garbage'; readonly form: 'half' }
    | { readonly kind: 'garbage'; readonly form: 'text'; readonly text: string }
    /** 429 and 503 come with `Retry-After`. */
    | { readonly kind: 'status'; readonly code: number; readonly retryAfterS?: number }
  );

/** What is done to the price of an instrument. */
type CorruptStrike = { readonly kind: 'corrupt'; readonly symbol: string } & (
  | { readonly form: 'negative' | 'zero' | 'null' | 'string' | 'nan' }
  /** Added to the price; never 0. */
  | { readonly form: 'ticks'; readonly ticks: number }
  /** The price is that of another symbol. */
  | { readonly form: 'other'; readonly other: string }
);

/** The symbol that strikes of whole rows are drawn for. */
export const WHOLE_ROW = '*';

/**
 * The key of a clause's draws: of the fault seed, the kind, the place of the clause among those of
 * its kind, and a symbol. No symbol has a space, so no instrument has such a key.
 */
export function keyOfClause(seed: number, kind: FaultKind, ordinal: number, symbol: string): Key {
  return deriveKeyOfText(keyOfSeed(seed), `fault ${kind} ${ordinal} ${symbol}`);
}

const TWO_31 = 0x8000_0000;
const TWO_32 = 0x1_0000_0000;
/** The place of a row's second pair of words among counters: no row has so high a number. */
const SECOND_PAIR = 0x1_0000;
const words = new Uint32Array(2);

/** The word that decides on row `index`: a clause strikes if it is below its threshold. */
export function decidingWord(key: Key, index: number): number {
  fillWords(words, key, index | 0, Math.floor(index / TWO_32));
  return words[0];
}

/** Below which of 2^32 words a clause strikes; exact. */
export function thresholdOf(perMillion: number): number {
  return Math.floor((perMillion * TWO_32) / 1_000_000);
}

/** The three words that a strike is settled by. */
function settlingWords(key: Key, index: number): readonly [number, number, number] {
  const high = Math.floor(index / TWO_32);
  fillWords(words, key, index | 0, high);
  const first = words[1];
  fillWords(words, key, index | 0, high + SECOND_PAIR);
  return [first, words[0], words[1]];
}

/** What is drawn by the words of a strike, within what its clause says. */
class Draw {
  readonly #words: readonly [number, number, number];
  readonly #how: How;

  constructor(how: How, words: readonly [number, number, number]) {
    this.#how = how;
    this.#words = words;
  }

  /** A time of the clause's range, in milliseconds. */
  get ms(): number {
    const how = this.#how;
    return how.what === 'time' ? how.fromMs + this.below(0, how.toMs - how.fromMs + 1) : 0;
  }

  /** One of the clause's forms. */
  get form(): string {
    const how = this.#how;
    return how.what === 'forms' ? how.forms[this.below(0, how.forms.length)] : '';
  }

  /** A whole number from 0 to `count` - 1, of at most 2^22. */
  below(word: 0 | 1 | 2, count: number): number {
    return Math.floor(((this.#words[word] >>> 1) * count) / TWO_31);
  }

  /** 1 or -1. */
  way(word: 1 | 2): number {
    return this.#words[word] < TWO_31 ? 1 : -1;
  }
}

/** What a clause is of: its place in the profile, and whose draws it has. */
export interface Place {
  readonly clause: number;
  readonly key: Key;
  /** All symbols of the market, and the place of its own: those of a whole row have none. */
  readonly symbols: readonly string[];
  readonly column: number;
}

/** The strike of a clause at row `index`. */
export function strikeOf({ kind, how }: Clause, place: Place, index: number): Strike {
  const { clause } = place;
  const draw = new Draw(how, settlingWords(place.key, index));
  switch (kind) {
    case 'delay':
      return { kind, clause, ms: draw.ms, overtake: wordOf(how) === 'overtake' };
    case 'burst':
    case 'stall':
    case 'slow':
      return { kind, clause, ms: draw.ms };
    case 'skew': {
      const word = wordOf(how);
      const way = word === undefined ? draw.way(1) : word === 'ahead' ? 1 : -1;
      return { kind, clause, ms: way * draw.ms };
    }
    case 'corrupt':
      return corruptOf(draw, place);
    case 'stale':
      return { kind, clause, symbol: place.symbols[place.column] };
    case 'close':
      return { kind, clause, code: how.what === 'code' ? how.code : DEFAULT_CLOSE_CODE };
    case 'throttle':
      return { kind, clause, bytesPerSecond: how.what === 'pace' ? how.bytesPerSecond : 0 };
    case 'garbage': {
      if (draw.form === 'half') return { kind, clause, form: 'half' };
      const text = GARBAGE_TEXTS[draw.below(1, GARBAGE_TEXTS.length)];
      return { kind, clause, form: 'text', text };
    }
    case 'status': {
      const code = Number(draw.form);
      if (code !== 429 && code !== 503) return { kind, clause, code };
      return { kind, clause, code, retryAfterS: 1 + draw.below(1, MOST_RETRY_AFTER_S) };
    }
    default:
      return { kind, clause };
  }
}

function wordOf(how: How): string | undefined {
  return how.what === 'time' ? how.word : undefined;
}

function corruptOf(draw: Draw, { clause, symbols, column }: Place): Strike {
  const common = { kind: 'corrupt', clause, symbol: symbols[column] } as const;
  const form = draw.form as CorruptStrike['form'];
  const others = symbols.length - 1;
  if (form === 'other' && others > 0) {
    const other = draw.below(1, others);
    return { ...common, form, other: symbols[other < column ? other : other + 1] };
  }
  // The only instrument of a market is never taken for another.
  if (form === 'ticks' || form === 'other') {
    const ticks = draw.way(2) * (1 + draw.below(1, MOST_TICKS_OFF));
    return { ...common, form: 'ticks', ticks };
  }
  return { ...common, form };
}

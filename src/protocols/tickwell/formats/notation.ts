import { formatPrice, type Instrument } from '../../../core/market/instrument.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { DEFAULT_NOTATION, type Notation } from '../../../wire/notation.ts';
import type { RowsFormat } from './format.ts';

/** What a query says of it, if anything. */
type Requested = { readonly [K in keyof Notation]?: Notation[K] | undefined };

/** What was asked for; throws if `format` leaves no choice. */
export function notationOf(format: RowsFormat, asked: Requested): Notation {
  const { prices, time } = DEFAULT_NOTATION;
  const notation = { prices: asked.prices ?? prices, time: asked.time ?? time };
  for (const field of ['prices', 'time'] as const) {
    const [wanted, given] = [DEFAULT_NOTATION[field], notation[field]];
    if (format !== 'bin' || given === wanted) continue;
    const rule = `${field} must be ${wanted} in bin, which has it as the stream has`;
    throw new TickwellError('bad_request', `${rule}; given: ${given}`);
  }
  return notation;
}

/** A number as text. */
export type Text = (value: number) => string;

/** Texts of prices that are kept for the next time; a power of two. */
const KEPT_TEXTS = 256;
/** A megabyte of kept texts. */
const MOST_KEPT_COLUMNS = 256;
/** What a text of a minute begins with: `2026-01-31T12:00:`. */
const MINUTE_LENGTH = 17;
const MINUTE_MS = 60_000;

/**
 * Ticks as the text of a price, or undefined where they are written as they are. Texts are kept if
 * they may be, from where it pays: what keeps them takes as long to make as some hundred texts.
 */
export function priceText(
  { prices }: Notation,
  instrument: Pick<Instrument, 'tickSize' | 'decimals'>,
  mayKeep = true,
): Text | undefined {
  if (prices === 'ticks') return undefined;
  if (!mayKeep) return (ticks) => formatPrice(instrument, ticks);
  // A price comes again soon: its neighbours are few.
  let known = new Float64Array(0);
  const texts: string[] = [];
  let made = 0;
  return (ticks) => {
    if (made < KEPT_TEXTS) {
      made += 1;
      return formatPrice(instrument, ticks);
    }
    if (known.length === 0) known = new Float64Array(KEPT_TEXTS).fill(Number.NaN);
    const place = ticks & (KEPT_TEXTS - 1);
    if (known[place] !== ticks) {
      known[place] = ticks;
      texts[place] = formatPrice(instrument, ticks);
    }
    return texts[place]!;
  };
}

/** Whether texts may be kept of each of so many columns that are written at the same time. */
export function mayKeepTexts(columns: number): boolean {
  return columns <= MOST_KEPT_COLUMNS;
}

/** Ticks as the nearest float64 to a price: the one that its text stands for. */
export function priceOf(instrument: Instrument): (ticks: number) => number {
  const text = priceText({ ...DEFAULT_NOTATION, prices: 'decimal' }, instrument)!;
  return (ticks) => Number(text(ticks));
}

/** Times as text; of `iso` all are of one length, with milliseconds and `Z`. */
export function timeText({ time }: Notation): Text {
  return time === 'iso' ? isoTexts() : msTexts();
}

/**
 * Times between milliseconds as text: of a whole one, and so many microseconds (0 to 999) after it.
 * In milliseconds it has at most three decimals, as `iso` six.
 */
export function preciseText(notation: Notation): (timeMs: number, micros: number) => string {
  const text = timeText(notation);
  const digits = (micros: number) => String(1000 + micros).slice(1);
  if (notation.time === 'iso') {
    return (timeMs, micros) => `${text(timeMs).slice(0, -1)}${digits(micros)}Z`;
  }
  return (timeMs, micros) => {
    if (micros === 0) return text(timeMs);
    if (timeMs >= 0) return `${text(timeMs)}.${digits(micros).replace(/0+$/, '')}`;
    // What is after a whole one is nearer to 0.
    return `-${text(-timeMs - 1)}.${digits(1000 - micros).replace(/0+$/, '')}`;
  };
}

/** Times as JSON. */
export function timeJson(notation: Notation): Text {
  const text = timeText(notation);
  return notation.time === 'iso' ? (time) => `"${text(time)}"` : text;
}

/**
 * Times as text. Of a number above 2^31 it is made slowly: times that follow one another share all
 * but six digits, which takes half as long.
 */
function msTexts(): Text {
  let millions = 0;
  let start = '';
  return (time) => {
    if (time < 1_000_000) return String(time);
    const high = Math.floor(time / 1_000_000);
    if (high !== millions) {
      millions = high;
      start = String(high);
    }
    return start + String(time - (high - 1) * 1_000_000).slice(1);
  };
}

function isoTexts(): Text {
  let minute = Number.NaN;
  let start = '';
  return (time) => {
    const own = Math.floor(time / MINUTE_MS);
    if (own !== minute) {
      minute = own;
      start = new Date(own * MINUTE_MS).toISOString().slice(0, MINUTE_LENGTH);
    }
    // From 100000 on, so that leading zeros stay.
    const digits = String(100_000 + time - own * MINUTE_MS);
    return `${start}${digits.slice(1, 3)}.${digits.slice(3)}Z`;
  };
}

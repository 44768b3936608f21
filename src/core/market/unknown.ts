import { nearestBySlips, nearestPart } from './nearest.ts';
import { inQuotes } from './quoted.ts';

/** Of a list that is no longer than this, all names are said. */
export const SHORT_LIST = 16;

export interface Unknown {
  /** What was named, such as `parameter`. */
  readonly kind: string;
  /** The name that is not among `known`. */
  readonly name: string;
  readonly known: readonly string[];
  /** Whose they are, such as `/v1/rows`. */
  readonly of?: string;
  /** Who takes this very name instead, such as `/v1/candles`. */
  readonly elsewhere?: readonly string[];
  /** Where all of a long list are, as the end of a sentence. */
  readonly see?: string;
}

/** What others call things, and what they are called here: the first of them that is known. */
const CALLED: Readonly<Record<string, readonly string[]>> = {
  timezone: ['tz'],
  zone: ['tz'],
  tzname: ['tz'],
  utcoffset: ['offset'],
  interval: ['resolution'],
  timeframe: ['resolution'],
  granularity: ['resolution'],
  period: ['resolution'],
  width: ['resolution'],
  instrument: ['symbol', 'symbols'],
  instruments: ['symbols', 'symbol'],
  ticker: ['symbol', 'symbols'],
  tickers: ['symbols', 'symbol'],
  start: ['from', 'since'],
  end: ['to', 'until'],
  columns: ['fields'],
  price: ['last'],
  close: ['last'],
  profile: ['faults'],
  seed: ['faultSeed'],
};

/** What is called otherwise here, if the name is such a one, but for slips. */
function calledHere(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  return CALLED[nearestBySlips(plain, OTHERS) ?? '']?.find((own) => known.includes(own));
}
const OTHERS = Object.keys(CALLED);

/**
 * A sentence about a name that nobody here knows: what was probably meant, or who takes it instead,
 * or what there is.
 */
export function unknownName({ kind, name, known, of, elsewhere = [], see }: Unknown): string {
  const whose = of === undefined ? '' : ` of ${of}`;
  const what = `unknown ${kind} ${inQuotes(name)}${whose}`;
  const slip = nearestBySlips(name, known);
  if (slip !== undefined) return `${what}; did you mean ${inQuotes(slip)}?`;
  const called = calledHere(name, known);
  if (called !== undefined) return `${what}; did you mean ${inQuotes(called)}?`;
  if (elsewhere.length > 0) return `${what}; it is one of ${elsewhere.join(', ')}`;
  const part = nearestPart(name, known);
  if (part !== undefined) return `${what}; did you mean ${inQuotes(part)}?`;
  if (see !== undefined) return `${what}; ${see}`;
  if (known.length === 0) return `${what}, which takes none`;
  if (known.length > SHORT_LIST) return what;
  return `${what}; there are ${known.join(', ')}`;
}

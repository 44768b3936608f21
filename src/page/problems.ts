import { meantWidth } from '../core/market/meant-width.ts';
import { nearest } from '../core/market/nearest.ts';
import { inQuotes } from '../core/market/quoted.ts';
import {
  formatDuration,
  parseDuration,
  parseResolution,
  WIDEST,
} from '../core/market/resolution.ts';
import { nearestZone } from '../zones/nearest-zone.ts';
import { zoneNameOf, zoneNames } from '../zones/zone.ts';
import { isOffered } from './time/resolution.ts';
import { lostZone } from './time/zone.ts';
import { parseAt, readUrl } from './url.ts';

const NAMES: readonly string[] = [
  's',
  'r',
  'type',
  'volume',
  'nights',
  'at',
  'bars',
  'tz',
  'theme',
];

/** What people write, and the parameter that they mean by it. */
const MEANT: Readonly<Record<string, string>> = {
  symbol: 's',
  symbols: 's',
  instrument: 's',
  resolution: 'r',
  interval: 'r',
  time: 'at',
  until: 'at',
  zone: 'tz',
  timezone: 'tz',
};

const CHOICES: Readonly<Record<string, readonly [noun: string, known: readonly string[]]>> = {
  type: ['chart type', ['candles', 'line', 'area']],
  volume: ['volume setting', ['on', 'off']],
  nights: ['nights setting', ['on', 'off']],
  theme: ['theme', ['dark', 'light']],
};

/** What the page shows, and the limits of it. */
export interface Showing {
  readonly symbols: readonly string[];
  readonly intervalMs: number;
  /** The first time of the market, and the present one. */
  readonly earliest: number;
  readonly now: number;
  /** How many bars the window has room for; undefined before there is one. */
  readonly bars: { readonly least: number; readonly most: number } | undefined;
  /** What is shown of each parameter, in words. */
  readonly taken: Readonly<
    Record<'s' | 'r' | 'type' | 'volume' | 'nights' | 'tz' | 'theme', string>
  >;
  /** A time in words. */
  readonly timeText: (timeMs: number) => string;
}

/** As many as there are parameters: more would not fit a phone. */
const MOST_SENTENCES = NAMES.length;

/** A sentence about each thing in an address that cannot be shown as it says, up to nine. */
export function addressProblems(query: string, showing: Showing): readonly string[] {
  const problems = allProblems(query, showing);
  const more = problems.length - MOST_SENTENCES;
  if (more <= 0) return problems;
  return [...problems.slice(0, MOST_SENTENCES), `There ${more === 1 ? 'is' : 'are'} ${more} more.`];
}

function allProblems(query: string, showing: Showing): readonly string[] {
  const values = new URLSearchParams(query);
  return [...new Set(values.keys())].flatMap((name) => {
    if (name.startsWith('_')) return [];
    const given = values.getAll(name);
    if (!NAMES.includes(name)) return [unknownParameter(name)];
    const repeated = `There is more than one ${name}, so the first is taken.`;
    return [
      ...(given.length > 1 ? [repeated] : []),
      ...sentences(valueProblem(name, given[0]!, showing)),
    ];
  });
}

/** Why the market has nothing at `timeMs`, and what is shown instead; undefined if it has. */
export function timeProblem(timeMs: number, showing: Showing): string | undefined {
  const { earliest, now, timeText } = showing;
  if (timeMs < earliest) {
    return `There are no prices before ${timeText(earliest)}, so the first are shown.`;
  }
  if (timeMs > now) {
    return `There are no prices after now, ${timeText(now)}, so the newest are shown.`;
  }
  return undefined;
}

function sentences(sentence: string | undefined): readonly string[] {
  return sentence === undefined ? [] : [sentence];
}

function unknownParameter(name: string): string {
  const near = nearest(name, NAMES) ?? MEANT[nearest(name, Object.keys(MEANT)) ?? ''];
  return missing('parameter', name, 'it is left out', near, NAMES);
}

function valueProblem(name: string, text: string, showing: Showing): string | undefined {
  const state = readUrl(`?${new URLSearchParams([[name, text]])}`);
  if (name === 's') return symbolProblem(text, showing);
  if (name === 'r') return resolutionProblem(text, showing);
  if (name === 'tz') return zoneProblem(text, showing.taken.tz);
  if (name === 'bars') return barsProblem(text, state.bars, showing);
  if (name === 'at') {
    const timeMs = parseAt(text);
    if (timeMs !== undefined) return timeProblem(timeMs, showing);
    const what = `There is no time ${inQuotes(text)}, so the newest prices are shown`;
    return `${what}; a time is written as 2026-11-01T12:00:00Z.`;
  }
  const [noun, known] = CHOICES[name]!;
  if (known.includes(text)) return undefined;
  const taken = showing.taken[name as keyof Showing['taken']];
  return missing(noun, text, `${taken} is taken`, nearest(text, known), known);
}

function symbolProblem(text: string, { symbols, taken }: Showing): string | undefined {
  if (symbols.includes(text)) return undefined;
  return missing('instrument', text, `${taken.s} is shown`, nearest(text, symbols), []);
}

function resolutionProblem(text: string, { intervalMs, taken }: Showing): string | undefined {
  const resolution = parseResolution(text);
  if (resolution !== undefined && isOffered(resolution, intervalMs)) return undefined;
  const what = `There is no resolution ${inQuotes(text)}, so ${taken.r} is taken; `;
  const least = formatDuration(intervalMs);
  if (resolution !== undefined) {
    return `${what}the narrowest is ${least}, the time between two prices.`;
  }
  const isWidth = (parseDuration(text) ?? Number.parseInt(text, 10)) > 0;
  if (isWidth && /^\d+([smhdwy]|m[os])$/.test(text))
    return `${what}the widest are ${WIDEST.weeks} and ${WIDEST.years}.`;
  const near = meantWidth(text);
  if (near !== undefined && parseResolution(near) !== undefined)
    return `${what}did you mean ${inQuotes(near)}?`;
  return `${what}it is a number and a unit, such as 15m.`;
}

/** Why there is no clock of this name here; undefined if it is the one that is taken. */
export function zoneProblem(text: string, taken: string): string | undefined {
  if (text === taken || (taken === 'utc' && /^(etc\/)?(utc|gmt)$/i.test(text))) return undefined;
  if (text === 'local' || zoneNameOf(text) !== undefined) {
    return lostZone(text);
  }
  const shown = taken === 'utc' ? 'UTC' : taken;
  const what = `There is no time zone ${inQuotes(text)}, so ${shown} is taken; `;
  const near = nearest(text, ['utc', 'local', ...zoneNames()]) ?? nearestZone(text);
  if (near !== undefined) return `${what}did you mean ${inQuotes(near)}?`;
  return `${what}there are utc, local, and names such as Europe/Paris.`;
}

function barsProblem(text: string, bars: number | undefined, showing: Showing): string | undefined {
  const what = `There is no width of ${inQuotes(text)} bars, so `;
  if (bars === undefined) return `${what}as many as fit are shown; it is a number, such as 120.`;
  if (showing.bars === undefined) return undefined;
  const { least, most } = showing.bars;
  // A link says tenths.
  if (bars >= least - 0.1 && bars <= most + 0.1) return undefined;
  const taken = Math.round(bars < least ? least : most);
  const room = `${Math.ceil(least)} to ${Math.floor(most)}`;
  return `${what}${taken} are shown; this window has room for ${room}.`;
}

/** A sentence about a name that there is not: what is taken instead, and what was meant. */
function missing(
  noun: string,
  name: string,
  taken: string,
  near: string | undefined,
  known: readonly string[],
): string {
  const what = `There is no ${noun} ${inQuotes(name)}, so ${taken}`;
  if (near !== undefined) return `${what}; did you mean ${inQuotes(near)}?`;
  return known.length === 0 ? `${what}.` : `${what}; there are ${known.join(', ')}.`;
}

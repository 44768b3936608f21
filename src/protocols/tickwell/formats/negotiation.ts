import { quoted } from '../../../core/market/quoted.ts';
import { remember } from '../../../host/remember.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { type AnyFormat, MEDIA_TYPES } from './format.ts';

/** What was agreed with a client. */
export interface Form<F extends AnyFormat = AnyFormat> {
  readonly format: F;
  /** The one of the format's media types that was asked for. */
  readonly mediaType: string;
}

/**
 * The format that `format` names; without it, the one of `formats` that `accept` prefers: by its
 * weight (q), then the one it names most exactly, then the one it names first, then the first of
 * `formats`. Throws `not_acceptable` if it allows none.
 */
export function negotiate<F extends AnyFormat>(
  formats: readonly F[],
  format: F | undefined,
  accept: string | undefined,
): Form<F> {
  if (format !== undefined) return { format, mediaType: MEDIA_TYPES[format][0] };
  const list = formats.join();
  let choose = choosers.get(list);
  if (choose === undefined) {
    choose = remember(MOST_ACCEPTED, (header) => preferred(formats, header));
    choosers.set(list, choose);
  }
  return choose(accept ?? '') as Form<F>;
}

/** Headers that were read, for each list of formats: there are as many as routes. */
const MOST_ACCEPTED = 256;
const choosers = new Map<string, (accept: string) => Form>();

function preferred<F extends AnyFormat>(formats: readonly F[], accept: string): Form<F> {
  const ranges = rangesOf(accept);
  const offers = formats.flatMap((name) =>
    MEDIA_TYPES[name].map((mediaType) => ({ format: name, mediaType })),
  );
  if (ranges.length === 0) return offers[0]!;
  const wishes = offers
    .map((offer) => ({ offer, range: rangeFor(offer.mediaType, ranges) }))
    .filter(({ range }) => range !== undefined && range.weight > 0)
    // Sorting keeps the order of what is equal.
    .sort((a, b) => compare(a.range!, b.range!));
  if (wishes[0] !== undefined) return wishes[0].offer;
  throw new TickwellError(
    'not_acceptable',
    `Accept must allow one of ${offers.map(({ mediaType }) => mediaType).join(', ')}; given: ` +
      quoted(accept),
  );
}

/** One part of an Accept header. */
interface MediaRange {
  readonly name: string;
  readonly weight: number;
  /** 3 for a type, 2 for `text/*`, 1 for all. */
  readonly exactness: number;
  readonly place: number;
}

function rangesOf(accept: string): MediaRange[] {
  const parts = accept.split(',').filter((part) => part.trim() !== '');
  return parts.map((part, place) => {
    const [text = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    // Java has long sent a lone star.
    const name = text === '*' ? '*/*' : text;
    const exactness = name === '*/*' ? 1 : name.endsWith('/*') ? 2 : 3;
    return { name, weight: weightOf(parameters), exactness, place };
  });
}

/** The weight among the parameters; 1 if there is none that can be read. */
function weightOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '';
  return /^(0?\.\d+|[01]\.?0*)$/.test(text) ? Number(text) : 1;
}

/** The range that speaks of `mediaType` most exactly: it alone counts (RFC 9110, 12.5.1). */
function rangeFor(mediaType: string, ranges: readonly MediaRange[]): MediaRange | undefined {
  const names = ['*/*', `${mediaType.split('/')[0]}/*`, mediaType];
  return ranges
    .filter(({ name }) => names.includes(name))
    .sort((a, b) => b.exactness - a.exactness || b.weight - a.weight)[0];
}

function compare(a: MediaRange, b: MediaRange): number {
  return b.weight - a.weight || b.exactness - a.exactness || a.place - b.place;
}

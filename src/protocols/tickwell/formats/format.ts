import { Readable } from 'node:stream';

/** How rows and candles can be written, and what each way is called in HTTP. */

export const ROWS_FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'parquet', 'bin'] as const;
/** Of the realism report. */
export const REALISM_FORMATS = ['json', 'html'] as const;
export const CANDLES_FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'parquet'] as const;
export type RowsFormat = (typeof ROWS_FORMATS)[number];
export type RealismFormat = (typeof REALISM_FORMATS)[number];
export type CandlesFormat = (typeof CANDLES_FORMATS)[number];

/** All that an answer can be written in. */
export type AnyFormat = RowsFormat | RealismFormat;

/** The media types that ask for a format; the first is its own. */
export const MEDIA_TYPES: Readonly<Record<AnyFormat, readonly [string, ...string[]]>> = {
  html: ['text/html'],
  json: ['application/json'],
  csv: ['text/csv'],
  ndjson: ['application/x-ndjson', 'application/ndjson'],
  arrow: ['application/vnd.apache.arrow.stream'],
  parquet: ['application/vnd.apache.parquet'],
  bin: ['application/vnd.tickwell.rows', 'application/octet-stream'],
};

/** What follows a media type where its readers want to know more. */
const PARAMETERS: Readonly<Record<string, string>> = {
  'application/json': '; charset=utf-8',
  'text/csv': '; charset=utf-8; header=present',
  'text/html': '; charset=utf-8',
};

/** The Content-Type of an answer. */
export function contentTypeOf(mediaType: string): string {
  return mediaType + (PARAMETERS[mediaType] ?? '');
}

/** Bytes that follow one another: an answer is not copied into one piece. */
export type Pieces = readonly Uint8Array[];
/** Smaller bodies are sent in one piece. */
const ONE_PIECE_BYTES = 2 ** 16;

/** Pieces as the body of an answer, without copying many. */
export function bodyOf(pieces: Pieces): Buffer | Readable {
  const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return bytes <= ONE_PIECE_BYTES ? Buffer.concat(pieces) : Readable.from(pieces);
}

/** Makes an answer; yields often, so that a long one can be run a slice at a time. */
export type Making = Generator<unknown, Pieces, void>;

import { Readable } from 'node:stream';

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
  const [only] = pieces;
  // A copy for each who asks costs more than all else that is done for it.
  if (only !== undefined && pieces.length === 1) {
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  }
  const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return bytes <= ONE_PIECE_BYTES ? Buffer.concat(pieces) : Readable.from(pieces);
}

/** Makes an answer; yields often, so that a long one can be run a slice at a time. */
export type Making = Generator<unknown, Pieces, void>;

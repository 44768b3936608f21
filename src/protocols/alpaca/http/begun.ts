import type { FastifyRequest } from 'fastify';
import type { AssetClass } from '../../../core/market/listing.ts';
import { quoted } from '../../../core/market/quoted.ts';
import type { AnswerHarm } from '../../../delivery/faulty/answer-harm.ts';
import type { Responder } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { Unauthorised } from '../errors.ts';
import type { AlpacaService } from '../limits.ts';
import type { AlpacaSymbols } from '../symbols.ts';

/** What all routes work with. */
export interface Routes {
  readonly service: AlpacaService;
  readonly symbols: AlpacaSymbols;
  /** How answers say what is not so. */
  readonly harm: AnswerHarm;
  readonly responder: Responder;
}

/** Where crypto is traded, as clients say it: it is the same everywhere. */
const LOCATIONS: readonly string[] = ['us', 'us-1', 'us-2', 'eu-1', 'bs-1', 'global'];

/** Throws unless a request has a key; whichever it is, it opens the same. */
export function checkKey({ headers }: Pick<FastifyRequest, 'headers'>): void {
  const bearer = headers.authorization?.replace(/^Bearer */i, '') ?? '';
  if (bearer === '' && !hasKey(headers)) throw new Unauthorised();
}

/** Whether both parts of a key are in headers. */
export function hasKey(headers: FastifyRequest['headers']): boolean {
  const [id, secret] = [headers['apca-api-key-id'], headers['apca-api-secret-key']];
  return id !== undefined && id !== '' && secret !== undefined && secret !== '';
}

/** Throws unless a request may be answered, and rows are there. Crypto is told to anyone. */
export function checkBegun({ service }: Routes, kind: AssetClass, request: FastifyRequest): void {
  if (kind === 'stock') checkKey(request);
  checkReady(service);
}

/** Throws unless there is such a place. */
export function checkLocation(location: string): void {
  if (LOCATIONS.includes(location)) return;
  const rule = `it must be one of ${LOCATIONS.join(', ')}`;
  throw new TickwellError('not_found', `invalid location: ${quoted(location)}; ${rule}`);
}

/** The prefix of the routes of a kind. */
export const BASES: Readonly<Record<AssetClass, string>> = {
  stock: '/v2/stocks',
  crypto: '/v1beta3/crypto/:loc',
};

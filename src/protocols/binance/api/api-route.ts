import type { IncomingMessage } from 'node:http';
import type { Opened, SocketRoute } from '../../../delivery/socket-route.ts';
import { invalid } from '../errors.ts';
import type { Endpoint } from '../http/endpoint.ts';
import type { BinanceParts } from '../parts.ts';
import { timeUnitOf } from '../time-unit.ts';
import { ApiConnection, goodbye } from './api-connection.ts';

/** What a name takes in a list, in quotes with slashes before them, and a comma. */
const NAME_BYTES = 25;

/** Where all that can be asked for over HTTP is asked for by WebSocket. */
export function apiRoute(parts: BinanceParts, all: readonly Endpoint[]): SocketRoute {
  const { limits } = parts.service;
  const endpoints = new Map(all.map((endpoint) => [endpoint.method ?? endpoint.path, endpoint]));
  return {
    path: '/ws-api/v3',
    maxMessageBytes: limits.maxPayloadBytes + limits.maxBinanceSymbols * NAME_BYTES,
    check: (request) => void settingsOf(request),
    goodbye: () => goodbye(parts.service.clock.marketMs()),
    open: (opened: Opened) =>
      new ApiConnection(opened, { parts, endpoints, ...settingsOf(opened.request) }),
  };
}

/** How a client wants to be answered. Throws a `BinanceError`. */
function settingsOf({ url = '' }: IncomingMessage) {
  const query = new URLSearchParams(url.split(/\?(.*)/s)[1]);
  const limits = query.get('returnRateLimits') ?? 'true';
  if (limits !== 'true' && limits !== 'false') throw invalid('returnRateLimits');
  const unit = timeUnitOf('timeUnit', query.get('timeUnit') ?? undefined);
  return { hasLimits: limits === 'true', unit };
}

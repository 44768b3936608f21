import type { NewProtocol, Protocol, ServerParts } from '../../delivery/protocol.ts';
import type { SocketRoute } from '../../delivery/socket-route.ts';
import { limitsIn } from '../../host/limits.ts';
import type { TickwellError } from '../../wire/errors.ts';
import { DerivConnection, type DerivParts } from './connection.ts';
import { DerivEncoder } from './encoder.ts';
import { DERIV_LIMITS, type DerivHub } from './limits.ts';
import { errorOf } from './problems.ts';
import { DerivSymbols } from './symbols.ts';

/** Where its clients connect: those of version 3, and those of the API that came after. */
const OLDER_PATH = '/websockets/v3';
const NEWER_PATH = '/trading/v1/options/ws/public';

/**
 * Deriv's ticks, by WebSocket: symbols, ticks and candles as they were, and as they come.
 *
 * Sources: the schemas of api.deriv.com; developers.deriv.com, "Options"; @deriv/deriv-api 1.0.15.
 */
export const deriv: NewProtocol = Object.assign(
  ({ service, hub }: ServerParts): Protocol => {
    const { maxDerivSymbols } = limitsIn(service.limits, DERIV_LIMITS);
    const { market } = hub;
    const symbols = new DerivSymbols(market, maxDerivSymbols);
    const encoder = new DerivEncoder(market, symbols);
    const parts: DerivParts = { hub: hub as DerivHub, symbols, encoder };
    return {
      name: 'deriv',
      title: 'Deriv-style',
      // Its client adds the older path by itself.
      bases: [
        { over: 'ws', path: '' },
        { over: 'ws', path: NEWER_PATH },
      ],
      prefixes: [OLDER_PATH, NEWER_PATH],
      sockets: [route(parts, OLDER_PATH, false), route(parts, NEWER_PATH, true)],
      encodeError,
      addRoutes() {},
    };
  },
  { limits: DERIV_LIMITS },
);

function route(parts: DerivParts, path: string, isNewer: boolean): SocketRoute {
  return {
    path,
    // Clients open it once, and ask when somebody looks; they ping it every half a minute.
    isAskedByPath: true,
    open: (opened) => new DerivConnection(parts, opened, isNewer),
  };
}

function encodeError(error: TickwellError) {
  const body = JSON.stringify({ error: errorOf(error), msg_type: 'error' });
  return { contentType: 'application/json; charset=utf-8', body };
}

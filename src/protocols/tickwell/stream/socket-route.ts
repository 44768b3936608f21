import type { IncomingMessage } from 'node:http';
import { unknownName } from '../../../core/market/unknown.ts';
import type { Opened, SocketRoute } from '../../../delivery/socket-route.ts';
import { isFree } from '../../../host/http/parameters.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { encodersOf } from '../encoders.ts';
import type { TickwellHub } from '../limits.ts';
import { goodbye, StreamConnection } from './stream-connection.ts';

const PATH = '/v1/stream';
const JSON_PROTOCOL = 'tickwell.v1.json';
const BINARY_PROTOCOL = 'tickwell.v1.bin';

/** The stream, at `/v1/stream`. */
export function streamRoute(hub: TickwellHub): SocketRoute {
  const encoders = encodersOf(hub);
  return {
    path: PATH,
    subprotocols: [JSON_PROTOCOL, BINARY_PROTOCOL],
    check: checkParameters,
    goodbye,
    open({ outlet, subprotocol, address }: Opened): StreamConnection {
      const encoding = subprotocol === BINARY_PROTOCOL ? 'binary' : 'json';
      return new StreamConnection(hub, outlet, address, encoders[encoding]);
    },
  };
}

function checkParameters({ url = '' }: IncomingMessage): void {
  const [, query] = url.split(/\?(.*)/s);
  for (const name of new URLSearchParams(query).keys()) {
    if (isFree(name)) continue;
    const see = 'what you want is said in messages, such as subscribe';
    const asked = { kind: 'parameter', name, known: [], of: PATH, see };
    throw new TickwellError('bad_request', unknownName(asked));
  }
}

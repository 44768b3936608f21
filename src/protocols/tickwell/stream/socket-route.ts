import type { IncomingMessage } from 'node:http';
import { unknownName } from '../../../core/market/unknown.ts';
import type { Bye, Opened, SocketRoute } from '../../../delivery/socket-route.ts';
import { isFree } from '../../../host/http/parameters.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { encodersOf } from '../encoders.ts';
import type { TickwellHub } from '../limits.ts';
import { StreamConnection } from './stream-connection.ts';

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
    open({ outlet, onMessage, subprotocol, address }: Opened): StreamConnection {
      const encoding = subprotocol === BINARY_PROTOCOL ? 'binary' : 'json';
      const connection = new StreamConnection(hub, outlet, address, encoders[encoding]);
      onMessage((data, isBinary) => {
        if (isBinary) outlet.close(1003, 'messages are text');
        else connection.receive(data.toString());
      });
      return connection;
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

function goodbye(bye: Bye): string {
  return JSON.stringify({ type: 'bye', ...bye });
}

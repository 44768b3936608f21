import type { NewProtocol, Protocol, ServerParts } from '../../delivery/protocol.ts';
import { payerOf } from '../../host/budgets/work.ts';
import { limitsIn } from '../../host/limits.ts';
import { loadClocks } from '../../zones/zone.ts';
import { addAsyncApi } from './asyncapi/route.ts';
import { ENCODINGS } from './encoders.ts';
import { loadArrow } from './formats/arrow-library.ts';
import { loadParquet } from './formats/parquet-file.ts';
import { addProtocols } from './http/protocols-route.ts';
import { addRoutes } from './http/routes.ts';
import { TICKWELL_LIMITS, type TickwellHub, type TickwellService } from './limits.ts';
import { addOpenApi } from './openapi/route.ts';
import { addSse } from './sse/sse-route.ts';
import { addHello } from './stream/hello-route.ts';
import { streamRoute } from './stream/socket-route.ts';

interface TickwellParts extends ServerParts {
  readonly service: TickwellService;
  readonly hub: TickwellHub;
}

/** The parts of a server that has our limits. */
function ownParts(parts: ServerParts): TickwellParts {
  limitsIn(parts.service.limits, TICKWELL_LIMITS);
  return parts as TickwellParts;
}

const speak = ({ service, hub, access, spoken }: TickwellParts): Protocol => ({
  name: 'tickwell',
  encodings: ENCODINGS,
  title: 'Tickwell',
  bases: [
    { over: 'http', path: '/v1' },
    { over: 'ws', path: '/v1/stream' },
  ],
  isForOtherOrigins: true,
  isStrict: true,
  isDocumented: true,
  sockets: [streamRoute(hub)],
  load: () => {
    loadClocks();
    return Promise.all([loadArrow(), loadParquet()]);
  },
  document: (app) => addOpenApi(app, service),
  addRoutes(app) {
    addRoutes(app, service);
    addSse(app, hub);
    addHello(app, hub, access);
    addProtocols(app, spoken);
    addAsyncApi(app, service, access, payerOf(service));
  },
});

/** Our own protocol: all below `/v1/`, and the documents that describe it. */
export const tickwell: NewProtocol = Object.assign((parts: ServerParts) => speak(ownParts(parts)), {
  limits: TICKWELL_LIMITS,
});

import type { NewProtocol } from '../../delivery/protocol.ts';
import { payerOf } from '../../host/budgets/work.ts';
import { addAsyncApi } from './asyncapi/route.ts';
import { ENCODINGS } from './encoders.ts';
import { loadArrow } from './formats/arrow-library.ts';
import { loadParquet } from './formats/parquet-file.ts';
import { addRoutes } from './http/routes.ts';
import { addOpenApi } from './openapi/route.ts';
import { addSse } from './sse/sse-route.ts';
import { addHello } from './stream/hello-route.ts';
import { streamRoute } from './stream/socket-route.ts';

/** Our own protocol: all below `/v1/`, and the documents that describe it. */
export const tickwell: NewProtocol = ({ service, hub, access }) => ({
  name: 'tickwell',
  encodings: ENCODINGS,
  isForOtherOrigins: true,
  isStrict: true,
  isDocumented: true,
  sockets: [streamRoute(hub)],
  load: () => Promise.all([loadArrow(), loadParquet()]),
  document: (app) => addOpenApi(app, service),
  addRoutes(app) {
    addRoutes(app, service);
    addSse(app, hub);
    addHello(app, hub, access);
    addAsyncApi(app, service, access, payerOf(service));
  },
});

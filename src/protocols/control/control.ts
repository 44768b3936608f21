import type { NewProtocol } from '../../delivery/protocol.ts';
import { addRoutes } from './routes.ts';

/** Scenarios have many effects; `maxBodyBytes` is the bound. */
const MAX_JSON_BYTES = 2 ** 20;

/** Has things done to the market, below `/v1/control`: for who runs the server. */
export const control: NewProtocol = (parts) => ({
  name: 'control',
  title: 'Control',
  bases: [{ over: 'http', path: '/v1/control' }],
  isStrict: true,
  isDocumented: true,
  maxJsonBytes: MAX_JSON_BYTES,
  addRoutes: (app) => addRoutes(app, parts),
});

/** A redis-server that is already on this machine. */
import { findProgram } from './browser.mjs';

/** What to do where there is none. */
export const NO_REDIS_SERVER =
  'There is no redis-server: install one, or name it in REDIS_SERVER. On Debian: apt-get install redis-server.';

/** Its path: REDIS_SERVER, else on PATH; undefined if there is none. */
export function findRedisServer() {
  return process.env.REDIS_SERVER || findProgram(['redis-server']);
}

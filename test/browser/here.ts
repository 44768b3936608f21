import { pino } from 'pino';
import type { Clock } from '../../src/host/clock.ts';
import type { TestServer } from './harness.ts';

/** A function rather than a text: the compiler would look for what is not built yet. */
const entry = () => new URL('../../dist/index.js', import.meta.url).href;

/**
 * Serves a market in this process, by a clock of the test's own: it can be set while a page looks.
 * It has the page that is built; `kill` says goodbye to who is connected.
 */
export async function serveHere(spec: object, clock: Clock, port = 0): Promise<TestServer> {
  const { checkSpec, Market, startServer } = (await import(
    entry()
  )) as typeof import('../../src/index.ts');
  const check = checkSpec(spec);
  if (!check.ok) throw new Error(check.problems.map(({ message }) => message).join(' '));
  const server = await startServer({
    market: new Market(check.spec),
    host: '127.0.0.1',
    port,
    logger: pino({ level: 'error' }, pino.destination(2)),
    clock,
  });
  await server.ready;
  const stop = () => server.stop();
  return { url: server.url, stop, kill: stop };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './lib.mjs';

const READY_MS = 60_000;

/**
 * Starts the built program on a free port of this machine; `args` follow `serve`. Resolves when it
 * is ready: its first rows are made. `root` is the checkout whose program it is.
 * @param {readonly string[]} [args]
 */
export async function startServer(args = [], port = 0, root = ROOT) {
  const program = `${root}/dist/bin/tickwell.js`;
  const where = ['serve', '--host', '127.0.0.1', '--port', `${port}`];
  const child = spawn(process.execPath, [program, ...where, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  const url = /http:\S+/.exec(String(line))?.[0];
  if (url === undefined) throw new Error(`The server must say where it listens; it said: ${line}`);
  const untilMs = performance.now() + READY_MS;
  while (!(await fetch(`${url}/readyz`)).ok) {
    if (performance.now() > untilMs) throw new Error(`${url} must be ready within a minute`);
    await new Promise((done) => setTimeout(done, 2));
  }
  return {
    child,
    url,
    /** @param {NodeJS.Signals} [signal] */
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

/**
 * Does something with a server, and ends it whatever comes of that.
 * @template Result
 * @param {readonly string[]} args
 * @param {(server: Awaited<ReturnType<typeof startServer>>) => Promise<Result>} use
 */
export async function withServer(args, use) {
  const server = await startServer(args);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './lib.mjs';

/**
 * Starts the built program on a free port of this machine; `args` follow `serve`. Resolves when it
 * is ready: its first rows are made.
 * @param {readonly string[]} [args]
 */
export async function startServer(args = [], port = 0) {
  const program = `${ROOT}/dist/bin/tickwell.js`;
  const where = ['serve', '--host', '127.0.0.1', '--port', `${port}`];
  const child = spawn(process.execPath, [program, ...where, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  const url = /http:\S+/.exec(String(line))?.[0];
  if (url === undefined) throw new Error(`The server must say where it listens; it said: ${line}`);
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((done) => setTimeout(done, 2));
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

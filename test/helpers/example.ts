import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { INTERVAL, type TestServer } from './server.ts';

/** What a program has said, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** Runs an example until it has printed `count` lines, while the server's time passes. */
export async function runExample(
  server: TestServer,
  name: string,
  args: readonly string[],
  count: number,
): Promise<Ran> {
  const file = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  const exited = once(child, 'close');
  const ticking = setInterval(() => server.clock.pass(INTERVAL), 5);
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === count) child.kill('SIGINT');
  }
  const [code] = await exited;
  clearInterval(ticking);
  return { code, lines, errors };
}

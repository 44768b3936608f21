import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The program as it is shipped; built before the tests run. */
export const PROGRAM = fileURLToPath(new URL('../../dist/bin/tickwell.js', import.meta.url));

/** What a run of the program came to. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** The environment without what might configure the program. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter((name) => !name.startsWith('TICKWELL_'));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

/** Starts the program as a process of its own. */
export function spawnCli(args: readonly string[], env: Environment = {}) {
  return spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...bareEnvironment(), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the program as a process of its own, to its end. */
export async function runCli(args: readonly string[], env: Environment = {}): Promise<Run> {
  const child = spawnCli(args, env);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/**
 * Runs the program time and again in one thread: its first module is evaluated anew for each run,
 * what its commands load stays loaded. A tenth of the time of as many processes.
 */
export class CliThread {
  readonly #worker = new Worker(THREAD, { eval: true, execArgv: [], env: bareEnvironment() });

  /** A run that ends by itself; one at a time. */
  async run(args: readonly string[], env: Environment = {}): Promise<Run> {
    this.#worker.postMessage({ program: pathToFileURL(PROGRAM).href, args, env });
    const [run] = await once(this.#worker, 'message');
    return run as Run;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

const THREAD = `
  const { parentPort } = require('node:worker_threads');
  let runs = 0;
  let run;
  process.stdout.write = (text, told) => ((run.stdout += text), told?.(), true);
  process.stderr.write = (text, told) => ((run.stderr += text), told?.(), true);
  // Each run adds its own.
  for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0);
  parentPort.on('message', async ({ program, args, env }) => {
    run = { code: 0, stdout: '', stderr: '' };
    process.argv = ['node', 'tickwell', ...args];
    process.exitCode = undefined;
    Object.assign(process.env, env);
    await import(program + '?run=' + runs++);
    for (const name of Object.keys(env)) delete process.env[name];
    run.code = process.exitCode ?? 0;
    process.exitCode = undefined;
    parentPort.postMessage(run);
  });
`;

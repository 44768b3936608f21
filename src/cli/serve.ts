import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { quoted } from '../core/market/quoted.ts';
import { formatDuration } from '../core/market/resolution.ts';
import {
  type AccessNames,
  type AccessOptions,
  AccessPolicy,
} from '../host/access/access-policy.ts';
import { type Limits, limitProblem, limitsOf as withLimits } from '../host/limits.ts';
import { LineWriter } from '../host/line-writer.ts';
import { listenProblem } from '../host/listen.ts';
import { openProgramLog } from '../host/program-log.ts';
import { DEFAULT_CACHE_MB, MOST_CACHE_MB } from '../server/options.ts';
import { startServer, type TickwellServer } from '../server/server.ts';
import { startWorkers } from '../workers/primary.ts';
import { choice } from './arguments.ts';
import { programClock } from './clock.ts';
import { addMarketOptions, loadMarket, type MarketOptions, UsageError } from './config.ts';
import { isServiceLink } from './environment.ts';
import { newProgress, type Progress } from './progress.ts';

interface ServeOptions extends MarketOptions {
  readonly host: string;
  readonly port: string;
  readonly logLevel: string;
  readonly allowHost: readonly string[];
  readonly allowOrigin: readonly string[];
  readonly trustProxy: readonly string[];
  readonly limit: readonly string[];
  readonly cacheMb: string;
  readonly workers: string;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];
/** More than the cores of most machines. */
const MOST_WORKERS = 64;
/** A stop that takes this much longer than its clients have is cut short. */
const STOP_SLACK_MS = 3000;
/** How often somebody who waits is shown how far it is. */
const LOOK_MS = 300;

/** What serves, by one process or by several. */
type Serving = Pick<TickwellServer, 'url' | 'ready' | 'progress' | 'stop'>;

export function addServe(program: Command): void {
  const command = program
    .command('serve', { isDefault: true })
    .summary('serve a market: page, API and stream')
    .description('Serves a market: a page at /, its API at /docs, its stream at /v1/stream.');
  addMarketOptions(command)
    .addOption(new Option('-p, --port <number>', '0 for any').default('8080').env('TICKWELL_PORT'))
    .addOption(
      new Option('--host <name>', 'localhost for this machine only, 0.0.0.0 for every network')
        .default('localhost')
        .env('TICKWELL_HOST'),
    )
    .addOption(
      choice('log level', '--log-level <level>', 'log lines go to standard error, as JSON', LEVELS)
        .default('warn')
        .env('TICKWELL_LOG_LEVEL'),
    )
    .addOption(
      list(
        '--allow-host <name>',
        'a name it is reached by, beside localhost, addresses and --host',
      ).env('TICKWELL_ALLOW_HOSTS'),
    )
    .addOption(
      list('--allow-origin <origin>', 'a website whose pages may open the stream').env(
        'TICKWELL_ALLOW_ORIGINS',
      ),
    )
    .addOption(
      list(
        '--trust-proxy <address>',
        'a proxy, or network of them, that tells who its clients are',
      ).env('TICKWELL_TRUST_PROXY'),
    )
    .addOption(
      list('--limit <name=value>', 'a limit that differs, such as maxConnections=500').env(
        'TICKWELL_LIMITS',
      ),
    )
    .addOption(
      new Option(
        '--cache-mb <number>',
        'memory for answers that never change, kept for the next who asks; 0 for none',
      )
        .default(String(DEFAULT_CACHE_MB))
        .env('TICKWELL_CACHE_MB'),
    )
    .addOption(
      new Option(
        '--workers <number>',
        'processes that share the readers, or auto: one for each core',
      )
        .default('1')
        .env('TICKWELL_WORKERS'),
    )
    .addHelpText(
      'after',
      `
Hosts, origins, proxies and limits may be given several times, or with commas between. A variable
counts where its option is not given. PROTOCOL.md lists the limits.

Examples:
  tickwell serve                                  the default market on http://localhost:8080
  tickwell serve --count 1000 --interval 100ms    ten rows a second of a thousand instruments
  tickwell serve --config market.yaml --port 9000
  TICKWELL_HOST=0.0.0.0 tickwell serve            reachable from other machines
  tickwell serve --host 0.0.0.0 --allow-host tickwell.example.com
                                                  as http://tickwell.example.com:8080 too
  tickwell serve --allow-host tickwell.example.com --trust-proxy 127.0.0.1
                                                  behind a proxy on the same machine
  tickwell serve --allow-origin https://charts.example.com
                                                  whose pages may open the stream
  tickwell serve --limit maxConnections=500 --limit heartbeatMs=5000
  tickwell serve --workers auto                   more readers than one core can serve`,
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const market = loadMarket(options);
  const port = portOf(options.port);
  // Without a name Node listens on every network.
  if (options.host === '') throw new UsageError(['host must be a name or an address; given: ""']);
  const access = accessOf(options);
  const limits = limitsOf(options.limit);
  const cacheMb = cacheMbOf(options.cacheMb);
  const workers = workersOf(options.workers);
  const { clock, warning } = programClock();
  const { logger, droppedLines, flush } = openProgramLog(options.logLevel);
  if (warning !== undefined) logger.warn(warning);
  const shared = { market, host: options.host, port, logger, droppedLines, limits, cacheMb };
  const starting =
    workers === 1
      ? startServer({ ...shared, ...access, clock })
      : startWorkers({ ...shared, access, workers, program: process.argv[1]!, args: ['worker'] });
  let server: Serving | undefined;
  let isStopping = false;
  const stop = async () => {
    // A second Ctrl-C does not wait.
    if (isStopping) process.exit(130);
    isStopping = true;
    setTimeout(() => process.exit(1), limits.closeGraceMs + STOP_SLACK_MS).unref();
    await server?.stop();
    await flush();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  server = await starting.catch((error) => {
    throw asUsageError(error, options);
  });
  const { length } = market.instruments;
  const every = formatDuration(market.grid.intervalMs);
  // Whoever reads this may have seen enough: the market is served on.
  new LineWriter(process.stdout).write(
    `Tickwell serves ${length} instrument${length === 1 ? '' : 's'}, a row every ${every}, on ` +
      `${server.url}\nMarket ${market.id}, API ${server.url}/docs, end with Ctrl-C.\n` +
      (warning === undefined ? '' : `Beware: ${warning}.\n`),
  );

  try {
    await showFilling(server, length);
  } catch (error) {
    // What cannot be filled would answer "not ready" for ever.
    await server.stop();
    throw error;
  }
}

/** Waits until rows flow; a market that takes long to get there shows how far it is. */
async function showFilling({ ready, progress }: Serving, instruments: number) {
  let shown = 0;
  let bar: Progress | undefined;
  const look = setInterval(() => {
    bar ??= newProgress(instruments, 'instruments', true);
    const filled = Math.round(progress() * instruments);
    bar.add(filled - shown);
    shown = filled;
  }, LOOK_MS);
  try {
    await ready;
  } finally {
    clearInterval(look);
    bar?.stop();
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  const rule = 'port must be a whole number from 0 to 65535';
  // Nobody has written this one, so nobody would know where it comes from.
  const trap = isServiceLink(text)
    ? ', and Kubernetes sets TICKWELL_PORT for a service that is named tickwell: give --port, or ' +
      'set enableServiceLinks to false'
    : '';
  throw new UsageError([`${rule}${trap}; given: ${text}`]);
}

function cacheMbOf(text: string): number {
  const cacheMb = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (cacheMb <= MOST_CACHE_MB) return cacheMb;
  throw new UsageError([
    `cache-mb must be a whole number from 0 to ${MOST_CACHE_MB}; given: ${quoted(text)}`,
  ]);
}

function workersOf(text: string): number {
  if (text === 'auto') return Math.min(MOST_WORKERS, availableParallelism());
  const workers = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (workers >= 1 && workers <= MOST_WORKERS) return workers;
  throw new UsageError([
    `workers must be auto or a whole number from 1 to ${MOST_WORKERS}; given: ${quoted(text)}`,
  ]);
}

/** An option that adds to a list, with commas or by being repeated. */
function list(flags: string, description: string): Option {
  // The first value takes the place of the default and of the environment's.
  let given: readonly string[] = [];
  const take = (text: string) => {
    given = [...given, ...text.split(',').map((part) => part.trim())];
    return given;
  };
  return new Option(flags, description).argParser(take).default([], 'none');
}

/** What these options are called in a sentence about them. */
const OPTIONS: AccessNames = {
  allowedHosts: 'allow-host',
  allowedOrigins: 'allow-origin',
  trustedProxies: 'trust-proxy',
};
/** And in one that tells how to give them. */
const FLAGS: AccessNames = {
  allowedHosts: `--${OPTIONS.allowedHosts}`,
  allowedOrigins: `--${OPTIONS.allowedOrigins}`,
  trustedProxies: `--${OPTIONS.trustedProxies}`,
};

function accessOf({ allowHost, allowOrigin, trustProxy }: ServeOptions): AccessOptions {
  const access = {
    allowedHosts: allowHost,
    allowedOrigins: allowOrigin,
    trustedProxies: trustProxy,
  };
  checked(() => new AccessPolicy({ ...access, optionNames: OPTIONS }));
  return { ...access, optionNames: FLAGS };
}

function limitsOf(texts: readonly string[]): Limits {
  const entries = texts.map((text) => {
    const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) {
      const rule = 'limit must be a name and its value such as maxConnections=500';
      throw new UsageError([`${rule}; given: ${quoted(text)}`]);
    }
    const problem = limitProblem(name, /^\d{1,15}$/.test(value) ? Number(value) : value);
    if (problem !== undefined) throw new UsageError([problem]);
    return [name, Number(value)];
  });
  return checked(() => withLimits(Object.fromEntries(entries)));
}

/** Runs what throws a `RangeError` with a sentence on an invalid option. */
function checked<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError([error.message]);
    throw error;
  }
}

function asUsageError(error: unknown, { host, port }: ServeOptions): unknown {
  const problem = listenProblem((error as NodeJS.ErrnoException).code, host, port);
  return problem === undefined ? error : new UsageError([problem]);
}

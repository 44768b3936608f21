import { availableParallelism } from 'node:os';
import type { Grid } from '../core/market/grid.ts';
import { unlisted } from '../core/market/listing.ts';
import { quoted, ruleBroken } from '../core/market/quoted.ts';
import { formatDuration, parseDuration } from '../core/market/resolution.ts';
import type { Anchor } from '../core/timeline/market-time.ts';
import {
  type AccessNames,
  type AccessOptions,
  AccessPolicy,
} from '../host/access/access-policy.ts';
import { HOST_LIMITS } from '../host/host-limits.ts';
import { limitsIn } from '../host/limits.ts';
import { LineWriter } from '../host/line-writer.ts';
import { listenProblem } from '../host/listen.ts';
import { openProgramLog } from '../host/program-log.ts';
import { endOnSignals } from '../host/stop-signals.ts';
import { MOST_CACHE_MB } from '../server/defaults.ts';
import { limitRules, type SpokenLimits } from '../server/limits.ts';
import {
  PROTOCOL_NAMES,
  type ProtocolName,
  protocolProblem,
  protocolsOf,
} from '../server/protocols.ts';
import { startServer, type TickwellServer } from '../server/server.ts';
import { startAnchors, startTimeProblems } from '../server/start-time.ts';
import { startWorkers } from '../workers/start-workers.ts';
import { programClock } from './clock.ts';
import type { ServeOptions } from './commands/serve.ts';
import { loadMarket } from './config.ts';
import { isServiceLink } from './environment.ts';
import { readFaults } from './faults.ts';
import { isWrongLog, logSentence, readNatsLog } from './nats.ts';
import { placeProblem } from './place-problem.ts';
import { newProgress, type Progress } from './progress.ts';
import { readToken } from './token.ts';
import { UsageError } from './usage-error.ts';

/** More than the cores of most machines. */
const MOST_WORKERS = 64;
/** A stop that takes this much longer than its clients have is cut short. */
const STOP_SLACK_MS = 3000;
/** What runs programs kills those that take much longer than this. */
const MOST_DRAIN_MS = 600_000;
/** How often somebody who waits is shown how far it is. */
const LOOK_MS = 300;

/** What serves, by one process or by several. */
type Serving = Pick<TickwellServer, 'url' | 'ready' | 'progress' | 'drain' | 'stop'>;

export async function serve(options: ServeOptions): Promise<void> {
  const market = loadMarket(options);
  const port = portOf(options.port);
  // Without a name Node listens on every network.
  if (options.host === '') throw new UsageError(['host must be a name or an address; given: ""']);
  const access = accessOf(options);
  const protocols = namesOf(options.protocols);
  const limits = limitsOf(options.limit, protocols);
  const cacheMb = cacheMbOf(options.cacheMb);
  const workers = workersOf(options.workers);
  const drainMs = drainMsOf(options.drain);
  const log = logOf(options.log);
  const nats = readNatsLog(options);
  const { clock, warning } = programClock();
  const faults = readFaults(options);
  const time = timeOf(options, market.grid, clock.nowMs());
  const { logger, droppedLines, flush } = openProgramLog(options.logLevel);
  if (warning !== undefined) logger.warn(warning);
  for (const problem of unlisted(market.instruments)) logger.warn(problem);
  const from = { market, host: options.host, port, logger, droppedLines };
  const shared = { ...from, limits, cacheMb, faults };
  const logBroke = (error: Error) => {
    process.stderr.write(`tickwell: ${logSentence(error)}\n`);
    process.exit(1);
  };
  const spoken = {
    ...shared,
    protocols,
    logBroke,
    ...(log === undefined ? {} : { log }),
    ...(nats === undefined ? {} : { nats }),
  };
  const starting =
    workers === 1
      ? startServer({ ...spoken, ...access, clock, time })
      : startWorkers({
          ...spoken,
          ...{ access, clock, anchors: time, workers, drainMs },
          ...{ program: process.argv[1]!, args: ['worker'] },
        });
  let server: Serving | undefined;
  const stop = async () => {
    setTimeout(() => process.exit(1), limits.closeGraceMs + STOP_SLACK_MS).unref();
    await server?.stop();
    await flush();
    process.exit(0);
  };
  endOnSignals({
    // What does not even listen yet serves nobody.
    drainMs: () => (server === undefined ? 0 : drainMs),
    ...{ drain: () => server?.drain(), stop, cut: () => process.exit(130) },
  });
  server = await starting.catch((error) => {
    throw asUsageError(error, options);
  });
  const { length } = market.instruments;
  const every = formatDuration(market.grid.intervalMs);
  // They are of our own protocol.
  const documents = protocols.includes('tickwell') ? `API ${server.url}/docs, ` : '';
  // Whoever reads this may have seen enough: the market is served on.
  new LineWriter(process.stdout).write(
    `Tickwell serves ${length} instrument${length === 1 ? '' : 's'}, a row every ${every}, on ` +
      `${server.url}\nMarket ${market.id}, ${documents}end with Ctrl-C.\n` +
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

function logOf(file: string | undefined): string | undefined {
  if (file !== '') return file;
  throw new UsageError(['log must be a file; given: ""']);
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

function drainMsOf(text: string): number {
  const drainMs = parseDuration(text);
  if (drainMs !== undefined && drainMs <= MOST_DRAIN_MS) return drainMs;
  const most = formatDuration(MOST_DRAIN_MS);
  throw new UsageError([`drain must be a time from 0s to ${most}; given: ${quoted(text)}`]);
}

/** How the market's time begins. */
function timeOf(options: ServeOptions, grid: Grid, hostMs: number): readonly Anchor[] {
  const { at, paused } = options;
  // What is no number, or no answer, is told by its rule.
  const speed = /^\d{1,9}(\.\d{1,9})?$/.test(options.speed)
    ? Number(options.speed)
    : (options.speed as never);
  const isPaused = paused === 'true' || (paused === 'false' ? false : (paused as never));
  const start = { ...(at === undefined ? {} : { at }), speed, isPaused };
  const problems = startTimeProblems(start, grid).map(({ field, rule, value }) =>
    ruleBroken(field === 'isPaused' ? 'paused' : field, rule, value),
  );
  if (problems.length > 0) throw new UsageError(problems);
  return startAnchors(start, hostMs);
}

/** What these options are called in a sentence about them. */
const OPTIONS: AccessNames = {
  allowedHosts: 'allow-host',
  allowedOrigins: 'allow-origin',
  trustedProxies: 'trust-proxy',
  controlToken: 'control-token-file',
};
/** And in one that tells how to give them. */
const FLAGS: AccessNames = {
  allowedHosts: `--${OPTIONS.allowedHosts}`,
  allowedOrigins: `--${OPTIONS.allowedOrigins}`,
  trustedProxies: `--${OPTIONS.trustedProxies}`,
  controlToken: `--${OPTIONS.controlToken}`,
};

function accessOf(options: ServeOptions): AccessOptions {
  const { controlTokenFile: file } = options;
  const access = {
    allowedHosts: options.allowHost,
    allowedOrigins: options.allowOrigin,
    trustedProxies: options.trustProxy,
    ...(file === undefined ? {} : { controlToken: readToken('control-token-file', file) }),
  };
  checked(() => new AccessPolicy({ ...access, optionNames: OPTIONS }));
  return { ...access, optionNames: FLAGS };
}

function namesOf(texts: readonly string[]): readonly ProtocolName[] {
  const names = texts.length === 0 ? PROTOCOL_NAMES : [...new Set(texts)];
  const problems = names.flatMap((name) => protocolProblem(name) ?? []);
  if (problems.length > 0) throw new UsageError(problems);
  return names as readonly ProtocolName[];
}

function limitsOf(texts: readonly string[], protocols: readonly ProtocolName[]): SpokenLimits {
  const rules = limitRules(protocolsOf(protocols).map((protocol) => protocol.limits ?? {}));
  const entries = texts.map((text) => {
    const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) {
      const rule = 'limit must be a name and its value such as maxConnections=500';
      throw new UsageError([`${rule}; given: ${quoted(text)}`]);
    }
    const problem = rules.problem(name, /^\d{1,15}$/.test(value) ? Number(value) : value);
    if (problem !== undefined) throw new UsageError([problem]);
    return [name, Number(value)];
  });
  return checked(() => limitsIn(rules.settle(Object.fromEntries(entries)), HOST_LIMITS));
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

function asUsageError(error: unknown, { host, port, log = '' }: ServeOptions): unknown {
  if (isWrongLog(error)) return new UsageError([logSentence(error)]);
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === 'open' && path !== undefined) {
    return new UsageError([placeProblem('log', log, 'written', code)]);
  }
  const problem = listenProblem((error as NodeJS.ErrnoException).code, host, port);
  return problem === undefined ? error : new UsageError([problem]);
}

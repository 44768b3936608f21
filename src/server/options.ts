import { pino } from 'pino';
import { clusterProblems } from '../cluster/cluster-options.ts';
import type { Grid } from '../core/market/grid.ts';
import { Market } from '../core/market/market.ts';
import { wrongArgument } from '../core/market/must-be.ts';
import { unknownName } from '../core/market/unknown.ts';
import { type Anchor, MarketTime } from '../core/timeline/market-time.ts';
import type { NewProtocol } from '../delivery/protocol.ts';
import { systemClock } from '../host/clock.ts';
import { DEFAULT_CACHE_MB, MOST_CACHE_MB } from './defaults.ts';
import { PROTOCOL_NAMES, protocolProblem, protocolsOf } from './protocols.ts';
import type { ServerOptions } from './server.ts';
import { type StartTime, startAnchors, startTimeProblems } from './start-time.ts';

const DEFAULT_PORT = 8080;

interface Rule {
  /** The end of a sentence that begins with the option's name. */
  readonly rule: string;
  readonly isRight: (value: unknown) => boolean;
}

const YES_OR_NO: Rule = {
  rule: 'must be true or false',
  isRight: (value) => typeof value === 'boolean',
};
const TEXTS: Rule = { rule: 'must be a list of texts', isRight: isTexts };

/** What each option must be, if it is there. Names, addresses and limits are read later. */
const RULES: Readonly<Record<keyof ServerOptions, Rule>> = {
  market: {
    rule: 'must be a Market, such as new Market(check.spec) of what checkSpec gives',
    isRight: (value) => value instanceof Market,
  },
  host: {
    rule: 'must be a name or an address, such as localhost or 0.0.0.0',
    // Without a name Node listens on every network.
    isRight: (value) => typeof value === 'string' && value !== '',
  },
  port: { rule: 'must be a whole number from 0 to 65535', isRight: isWholeTo(65_535) },
  logger: {
    rule: 'must be a logger of pino, or one with its methods debug, info, warn and error',
    isRight: hasMethods('debug', 'info', 'warn', 'error'),
  },
  droppedLines: {
    rule: 'must be a function',
    isRight: (value) => typeof value === 'function',
  },
  addresses: {
    rule: 'must be a list of one address or more',
    isRight: (value) => isTexts(value) && value.length > 0,
  },
  clock: { rule: 'must have nowMs() and steadyMs()', isRight: hasMethods('nowMs', 'steadyMs') },
  time: {
    rule: 'must be {at, speed, isPaused}, or anchors of market time',
    isRight: (value) => isObject(value) || Array.isArray(value),
  },
  limits: { rule: 'must be numbers by name', isRight: isObject },
  cacheMb: {
    rule: `must be a whole number from 0 to ${MOST_CACHE_MB}`,
    isRight: isWholeTo(MOST_CACHE_MB),
  },
  log: {
    rule: 'must be the name of a file',
    isRight: (value) => typeof value === 'string' && value !== '',
  },
  nats: { rule: 'must be {servers}, with what else is needed to come in', isRight: isObject },
  logBroke: { rule: 'must be a function', isRight: (value) => typeof value === 'function' },
  faults: {
    rule: 'must be {byDefault, profiles, isOff}',
    isRight: isFaults,
  },
  protocols: {
    rule: `must be a list of one or more of ${PROTOCOL_NAMES.join(', ')} and protocols of your own`,
    isRight: (value) => Array.isArray(value) && value.length > 0 && value.every(isProtocol),
  },
  peers: {
    rule: 'must have join(), filled(), read(), direct() and shareCandles()',
    isRight: hasMethods('join', 'filled', 'read', 'direct', 'shareCandles'),
  },
  listensWhenReady: YES_OR_NO,
  loadsLate: YES_OR_NO,
  allowedHosts: TEXTS,
  allowedOrigins: TEXTS,
  trustedProxies: TEXTS,
  controlToken: { rule: 'must be a text', isRight: (value) => typeof value === 'string' },
  optionNames: {
    rule: 'must be texts for allowedHosts, allowedOrigins and trustedProxies',
    isRight: isNames('allowedHosts', 'allowedOrigins', 'trustedProxies'),
  },
};

/** What every server has, whoever starts it. */
export type Settled = Omit<ServerOptions, 'protocols' | 'time'> &
  Required<Pick<ServerOptions, Defaulted>> & {
    readonly protocols: readonly NewProtocol[];
    /** Of the market's time; without any, that is the host's. */
    readonly anchors: readonly Anchor[];
  };
type Defaulted = 'host' | 'port' | 'logger' | 'clock' | 'cacheMb' | 'logBroke';

/** The options with what they leave out. Throws a `TypeError` with one sentence on a wrong one. */
export function settled(options: ServerOptions): Settled {
  if (!isObject(options)) {
    throw new TypeError(wrongArgument('the options', 'must be an object', options));
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(RULES, name)) {
      throw new TypeError(unknownName({ kind: 'option', name, known: Object.keys(RULES) }));
    }
    const { rule, isRight } = RULES[name as keyof ServerOptions];
    if (value === undefined || isRight(value)) continue;
    throw new TypeError(wrongArgument(name, rule, value));
  }
  const { time, ...others } = options;
  const { market } = options;
  // Nobody serves a market by chance: which one it is decides every price.
  if (market === undefined) {
    throw new TypeError(wrongArgument('market', RULES.market.rule, market));
  }
  checkLogs(options);
  const clock = options.clock ?? systemClock;
  return {
    ...others,
    market,
    anchors: anchorsOf(time, market.grid, clock.nowMs()),
    host: options.host ?? 'localhost',
    port: options.port ?? DEFAULT_PORT,
    logger: options.logger ?? pino({ level: 'silent' }),
    clock,
    cacheMb: options.cacheMb ?? DEFAULT_CACHE_MB,
    logBroke: options.logBroke ?? throwAlone,
    protocols: protocolsOf(options.protocols ?? PROTOCOL_NAMES),
  };
}

/** Throws unless the log is in one place, and that can be one. */
function checkLogs({ log, nats }: ServerOptions): void {
  if (nats === undefined) return;
  const [problem] = clusterProblems(nats);
  if (problem !== undefined) {
    const { field, rule, value } = problem;
    throw new TypeError(wrongArgument(`nats.${field}`, rule, value));
  }
  if (log === undefined) return;
  throw new TypeError(wrongArgument('log', 'must be left out where nats is given', log));
}

function isProtocol(value: unknown): boolean {
  if (typeof value === 'string') return protocolProblem(value) === undefined;
  return typeof value === 'function';
}

function isFaults(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { byDefault, profiles, isOff, ...others } = value as Record<string, unknown>;
  if (Object.keys(others).length > 0) return false;
  if (byDefault !== undefined && typeof byDefault !== 'string') return false;
  if (profiles !== undefined && !isObject(profiles)) return false;
  return isOff === undefined || typeof isOff === 'boolean';
}

function anchorsOf(time: ServerOptions['time'], grid: Grid, hostMs: number): readonly Anchor[] {
  if (time === undefined) return [];
  // None is that nothing was said: an old log goes on as it did.
  if (Array.isArray(time)) return time.length === 0 ? [] : new MarketTime(time).anchors;
  const [problem] = startTimeProblems(time as StartTime, grid);
  if (problem !== undefined) {
    const { field, rule, value } = problem;
    throw new RangeError(wrongArgument(`time.${field}`, rule, value));
  }
  return startAnchors(time as StartTime, hostMs);
}

/** Where nobody catches it. */
function throwAlone(error: Error): void {
  queueMicrotask(() => {
    throw error;
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isNames(...options: readonly string[]): (value: unknown) => boolean {
  return (value) =>
    isObject(value) &&
    options.every((option) => typeof (value as Record<string, unknown>)[option] === 'string');
}

function isWholeTo(most: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function hasMethods(...names: readonly string[]): (value: unknown) => boolean {
  return (value) =>
    isObject(value) &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

import { DEFAULT_LEAD_MS, LEAST_LEAD_MS, MOST_LEAD_MS } from './lead.ts';
import { type NatsOptions, type NatsProblem, natsProblems } from './nats-options.ts';

/** Where several servers of a market have the log of what is done to it. */
export interface NatsLogOptions extends NatsOptions {
  /** One of several logs of the same market. Default: `default`. */
  readonly logName?: string;
  /** Rows are sealed so long before they are due; so much later an entry takes effect. */
  readonly leadMs?: number;
  /** How many servers of NATS keep it: 1, 3 or 5. Default 3. */
  readonly replicas?: number;
  /** Whether a server is taken that may lose what it acknowledged. Default: it is not. */
  readonly anyVersion?: boolean;
}

/** The same with what was left out. */
export interface ClusterOptions {
  readonly nats: NatsOptions;
  readonly logName: string;
  readonly leadMs: number;
  readonly replicas: number;
  readonly anyVersion: boolean;
}

/** What a log may be called: a stream and its subjects have that in their names. */
const LOG_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const DEFAULT_LOG_NAME = 'default';
/** With fewer than three, what is made while one is up stays at one. */
const DEFAULT_REPLICAS = 3;
const REPLICAS = [1, 3, 5];

const FIELDS: readonly string[] = [
  'servers',
  'credentials',
  'ca',
  'certificate',
  'key',
  'logName',
  'leadMs',
  'replicas',
  'anyVersion',
] satisfies (keyof NatsLogOptions)[];

/** What is wrong with them, each by one rule. */
export function clusterProblems(options: NatsLogOptions): NatsProblem<keyof NatsLogOptions>[] {
  const { logName, leadMs, replicas, anyVersion } = options;
  const problems: NatsProblem<keyof NatsLogOptions>[] = [...natsProblems(options)];
  // Nobody has looked at them where no compiler has: a name that is misspelt counts for nothing.
  for (const [field, value] of Object.entries(options)) {
    if (FIELDS.includes(field)) continue;
    const rule = 'must be left out: there is no such option';
    problems.push({ field: field as keyof NatsLogOptions, rule, value });
  }
  const check = (field: keyof NatsLogOptions, isRight: boolean, rule: string) => {
    const value = options[field];
    if (value !== undefined && !isRight) problems.push({ field, rule, value });
  };
  const isName = typeof logName === 'string' && LOG_NAME.test(logName);
  check('logName', isName, 'must be 1 to 64 of A-Z a-z 0-9 _ -');
  const isLead = Number.isInteger(leadMs) && leadMs! >= LEAST_LEAD_MS && leadMs! <= MOST_LEAD_MS;
  check('leadMs', isLead, `must be from ${LEAST_LEAD_MS} to ${MOST_LEAD_MS} milliseconds`);
  check('replicas', REPLICAS.includes(replicas!), 'must be 1, 3 or 5');
  check('anyVersion', typeof anyVersion === 'boolean', 'must be true or false');
  return problems;
}

/** Options that are right, with what they leave out. */
export function clusterOptions(options: NatsLogOptions): ClusterOptions {
  const { logName, leadMs, replicas, anyVersion, ...nats } = options;
  return {
    nats,
    logName: logName ?? DEFAULT_LOG_NAME,
    leadMs: leadMs ?? DEFAULT_LEAD_MS,
    replicas: replicas ?? DEFAULT_REPLICAS,
    anyVersion: anyVersion ?? false,
  };
}

import { clusterProblems, type NatsLogOptions } from '../cluster/cluster-options.ts';
import { LogDiverged } from '../cluster/log-state.ts';
import { RefusedByNats, UnusableLog } from '../cluster/nats-errors.ts';
import { type NatsOptions, type NatsProblem, natsProblems } from '../cluster/nats-options.ts';
import { ruleBroken } from '../core/market/quoted.ts';
import { parseDuration } from '../core/market/resolution.ts';
import { WrongLog } from '../host/control/log-lines.ts';
import type { NatsAccess, NatsLogFlags } from './commands/nats-options.ts';
import { readToken } from './token.ts';
import { UsageError } from './usage-error.ts';

/** What these options are called on the command line. */
const NAMES: Readonly<Record<keyof NatsLogOptions, string>> = {
  servers: 'nats',
  credentials: 'nats-creds',
  ca: 'nats-ca',
  certificate: 'nats-cert',
  key: 'nats-key',
  logName: 'log-name',
  leadMs: 'lead',
  replicas: 'nats-replicas',
  anyVersion: 'nats-any-version',
};

/** How a sink comes into NATS. Throws a `UsageError` on what is wrong with it. */
export function readSinkNats(url: string, access: NatsAccess): NatsOptions {
  const options = readNats(url.split(','), access);
  const problems = natsProblems(options).map(asSentence(access, { ...NAMES, servers: 'url' }));
  if (problems.length > 0) throw new UsageError(problems);
  return options;
}

/** How to come into NATS at `servers`, with what is in the files that options name. */
function readNats(servers: readonly string[], access: NatsAccess): NatsOptions {
  const { natsCreds, natsCa, natsCert, natsKey } = access;
  const read = (field: keyof NatsOptions, file: string | undefined) =>
    file === undefined ? {} : { [field]: readToken(NAMES[field], file) };
  return {
    servers,
    ...read('credentials', natsCreds),
    ...read('ca', natsCa),
    ...read('certificate', natsCert),
    ...read('key', natsKey),
  };
}

/** The log in NATS that options name; undefined if they name none. */
export function readNatsLog(
  flags: NatsLogFlags & { readonly log?: string },
): NatsLogOptions | undefined {
  const { nats, log, logName, lead, natsReplicas, natsAnyVersion } = flags;
  if (nats.length === 0) {
    checkNone(flags);
    return undefined;
  }
  if (log !== undefined) {
    throw new UsageError([ruleBroken('log', 'must be left out where nats is given', log)]);
  }
  const options: NatsLogOptions = {
    ...readNats(nats, flags),
    ...(logName === undefined ? {} : { logName }),
    // What is none of these is told by its rule.
    ...(lead === undefined ? {} : { leadMs: parseDuration(lead) ?? (lead as never) }),
    ...(natsReplicas === undefined ? {} : { replicas: wholeOf(natsReplicas) }),
    anyVersion:
      natsAnyVersion === 'true' || (natsAnyVersion !== 'false' && (natsAnyVersion as never)),
  };
  const problems = clusterProblems(options).map(asSentence(flags));
  if (problems.length > 0) throw new UsageError(problems);
  return options;
}

/** Throws if there is anything that says how a log in NATS is to be, where there is none. */
function checkNone(flags: NatsLogFlags): void {
  const { natsCreds, natsCa, natsCert, natsKey, logName, lead, natsReplicas } = flags;
  const given = Object.entries({
    [NAMES.credentials]: natsCreds,
    [NAMES.ca]: natsCa,
    [NAMES.certificate]: natsCert,
    [NAMES.key]: natsKey,
    [NAMES.logName]: logName,
    [NAMES.leadMs]: lead,
    [NAMES.replicas]: natsReplicas,
    [NAMES.anyVersion]: flags.natsAnyVersion === 'false' ? undefined : flags.natsAnyVersion,
  }).filter(([, value]) => value !== undefined);
  const rule = 'must be left out where nats is not given';
  const problems = given.map(([name, value]) => ruleBroken(name, rule, value));
  if (problems.length > 0) throw new UsageError(problems);
}

function wholeOf(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : (text as never);
}

/** The sentence of a problem, with what was written there; options are called by `names`. */
function asSentence(flags: NatsAccess & Pick<NatsLogFlags, 'lead'>, names = NAMES) {
  const { lead, natsCreds, natsCa, natsCert, natsKey } = flags;
  const written: Readonly<Record<string, unknown>> = {
    leadMs: lead,
    credentials: natsCreds,
    ca: natsCa,
    certificate: natsCert,
    key: natsKey,
  };
  return ({ field, rule, value }: NatsProblem<keyof NatsLogOptions>) =>
    ruleBroken(names[field], field === 'leadMs' ? LEAD_RULE : rule, written[field] ?? value);
}

const LEAD_RULE = 'must be a time from 1500ms to 1m';

/** Whether an error is for the user to put right: of a log, or of how to come into NATS. */
export function isWrongLog(error: unknown): error is Error {
  return [WrongLog, UnusableLog, RefusedByNats, LogDiverged].some((kind) => error instanceof kind);
}

/** What is said of a log that cannot be gone on with, with its code if it has one. */
export function logSentence(error: Error): string {
  return error instanceof LogDiverged ? `${error.code}: ${error.message}` : error.message;
}

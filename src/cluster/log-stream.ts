import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { UnusableLog } from './nats-errors.ts';

/** Which log of which market. */
export interface LogNames {
  /** One of several logs of the same market, so that staging does not crash production. */
  readonly log: string;
  readonly market: string;
  /** How many servers keep it. */
  readonly replicas: number;
}

export function streamName({ log, market }: LogNames): string {
  return `TICKWELL_${log}_${market}`;
}

/** An entry has a subject of its own: of each subject only the newest message is kept. */
export function entrySubject(names: LogNames, place: number): string {
  return `${prefixOf(names)}.entry.${place}`;
}

/** All seals have the same, so that a start does not read 30 million a year. */
export function sealSubject(names: LogNames): string {
  return `${prefixOf(names)}.seal`;
}

function prefixOf({ log, market }: LogNames): string {
  return `tickwell.log.${log}.${market}`;
}

/** What the stream of a log is: whatever else there is of a stream is as NATS has it. */
export function streamConfig(names: LogNames) {
  return {
    name: streamName(names),
    subjects: [`${prefixOf(names)}.>`],
    storage: StorageType.File,
    num_replicas: names.replicas,
    retention: RetentionPolicy.Limits,
    // Full is full: the oldest entries are what all rows are made by.
    discard: DiscardPolicy.New,
    discard_new_per_subject: false,
    max_msgs_per_subject: 1,
    max_msgs: -1,
    max_bytes: -1,
    max_age: 0,
    max_msg_size: -1,
    deny_delete: true,
    deny_purge: true,
    // A message could say to take all others away.
    allow_rollup_hdrs: false,
  } as const satisfies Partial<StreamConfig>;
}

/** What loses messages, has them from elsewhere, or puts them under other subjects. */
const NOT_TO_BE = [
  'mirror',
  'sources',
  'sealed',
  'allow_msg_ttl',
  'no_ack',
  'subject_transform',
  'persist_mode',
] as const;
/** What is said of those that it has not: by default it persists before it acknowledges. */
const NOT: readonly unknown[] = [undefined, null, false, 'default'];

/** Throws an `UnusableLog` that names the first field of a stream which is not as it must be. */
export function checkStream(names: LogNames, found: Partial<StreamConfig>): void {
  const wanted = streamConfig(names);
  const stream = `the stream ${wanted.name} must have`;
  for (const [field, value] of Object.entries(wanted)) {
    const given = found[field as keyof StreamConfig] ?? (typeof value === 'boolean' ? false : 0);
    const isEnough = field === 'num_replicas' && Number(given) >= names.replicas;
    if (isEnough || JSON.stringify(given) === JSON.stringify(value)) continue;
    const rule = field === 'num_replicas' ? `${value} or more` : JSON.stringify(value);
    throw new UnusableLog(`${stream} ${field} ${rule}; given: ${JSON.stringify(given)}`);
  }
  for (const field of NOT_TO_BE) {
    const given = (found as Readonly<Record<string, unknown>>)[field];
    if (NOT.includes(given) || (Array.isArray(given) && given.length === 0)) continue;
    throw new UnusableLog(`${stream} no ${field}; given: ${JSON.stringify(given)}`);
  }
}

import type { Logger } from 'pino';
import { quoted } from '../core/market/quoted.ts';
import { Bucket } from './budgets/bucket.ts';
import type { Clock } from './clock.ts';

/** What clients cause to be logged: on which level, and how many lines at most. */
const EVENTS = {
  connected: { level: 'info', perSecond: 100, burst: 1000 },
  disconnected: { level: 'info', perSecond: 100, burst: 1000 },
  'turned away': { level: 'info', perSecond: 10, burst: 100 },
  refused: { level: 'info', perSecond: 10, burst: 100 },
  'too many connections': { level: 'warn', perSecond: 0.1, burst: 1 },
} as const;

export type ClientEvent = keyof typeof EVENTS;
type Fields = Readonly<Record<string, string | number | undefined>>;

/**
 * The lines that clients cause: one for each event, unless there are so many that they would fill
 * the disk. Then some are left out, and the next line says how many; the metrics count all.
 */
export class ClientLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #lines = new Map<ClientEvent, { readonly bucket: Bucket; leftOut: number }>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Texts may be those of a client, and of any length. */
  tell(event: ClientEvent, fields: Fields): void {
    const { level, perSecond, burst } = EVENTS[event];
    const nowMs = this.#clock.steadyMs();
    let line = this.#lines.get(event);
    if (line === undefined) {
      line = { bucket: new Bucket(perSecond, burst, nowMs), leftOut: 0 };
      this.#lines.set(event, line);
    }
    if (line.bucket.take(1, nowMs) > 0) {
      line.leftOut += 1;
      return;
    }
    const { leftOut } = line;
    line.leftOut = 0;
    this.#logger[level]({ ...bounded(fields), ...(leftOut > 0 ? { leftOut } : {}) }, event);
  }
}

/** Where a request went, without the query: that may hold what is nobody's business. */
export function pathOf(url: string | undefined): string {
  return quoted(url?.split('?')[0]);
}

/** The fields that are given, with short texts. */
function bounded(fields: Fields): Fields {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === 'string' ? quoted(value) : value]),
  );
}

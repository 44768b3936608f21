import { inQuotes, ruleBroken } from '../core/market/quoted.ts';
import { unknownName } from '../core/market/unknown.ts';

/**
 * A number that bounds what one client can ask of the server, declared by the room that needs it.
 * All can be set: `tickwell serve --limit name=value`.
 */
export interface Limit {
  readonly default: number;
  /** Why it is that much. */
  readonly reason: string;
  /** What clients are told that it bounds; undefined if they are not told. */
  readonly told: string | undefined;
  /** Default: 1; of bytes, 1024. */
  readonly least?: number;
  /** Default: what timers and typed arrays take. */
  readonly most?: number;
  /** Another limit that it must not be above. */
  readonly atMost?: string;
}

/** What a room declares, by name: units last, times in milliseconds. */
export type LimitList = Readonly<Record<string, Limit>>;

/** The numbers of a room. */
export type LimitsOf<List extends LimitList> = Readonly<Record<keyof List, number>>;

/** Timers and typed arrays take no more. */
const MAX_LIMIT = 2 ** 31 - 1;

/** Looked at once a second: what is shorter would end those that did nothing wrong. */
export const A_SECOND = 1000;

/** All limits of a server, put together from what its rooms declare. */
export class LimitRules {
  readonly #list: ReadonlyMap<string, Limit>;

  /** Throws a `RangeError` if two rooms declare the same name, or one a bound that there is not. */
  constructor(lists: readonly LimitList[]) {
    const all = new Map<string, Limit>();
    for (const [name, limit] of lists.flatMap((list) => Object.entries(list))) {
      if (all.has(name)) {
        throw new RangeError(`limits must have names of their own; given: ${name} twice`);
      }
      all.set(name, limit);
    }
    for (const [name, { atMost }] of all) {
      if (atMost === undefined || all.has(atMost)) continue;
      throw new RangeError(`limit ${name} must be at most one that there is; given: ${atMost}`);
    }
    this.#list = all;
  }

  /** What clients are told of them, by name. */
  get texts(): Readonly<Record<string, string>> {
    const told = [...this.#list].flatMap(([name, { told }]) =>
      told === undefined ? [] : [[name, told] as const],
    );
    return Object.fromEntries(told);
  }

  /** What is wrong with a changed limit, as one sentence; undefined if nothing is. */
  problem(name: string, value: unknown): string | undefined {
    const limit = this.#list.get(name);
    if (limit === undefined) {
      const known = [...this.#list.keys()];
      return unknownName({ kind: 'limit', name, known, see: 'PROTOCOL.md lists them' });
    }
    const { least = name.endsWith('Bytes') ? 1024 : 1, most = MAX_LIMIT } = limit;
    const number = Number.isInteger(value) ? (value as number) : Number.NaN;
    if (number >= least && number <= most) return undefined;
    return ruleBroken(`limit ${name}`, `must be a whole number from ${least} to ${most}`, value);
  }

  /** The default limits with some changed. Throws a `RangeError` with one sentence on a problem. */
  settle(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, number>> {
    for (const [name, value] of Object.entries(changes)) {
      // In quotes: it may look like a number.
      const given: unknown = typeof value === 'string' ? inQuotes(value) : value;
      const problem = this.problem(name, given);
      if (problem !== undefined) throw new RangeError(problem);
    }
    const defaults = [...this.#list].map(([name, limit]) => [name, limit.default]);
    const limits: Record<string, number> = { ...Object.fromEntries(defaults), ...changes };
    for (const [name, { atMost }] of this.#list) {
      if (atMost === undefined || limits[name]! <= limits[atMost]!) continue;
      throw new RangeError(
        `limit ${name} must be at most ${atMost}, which is ${limits[atMost]}; given: ` +
          `${limits[name]}`,
      );
    }
    return limits;
  }
}

/**
 * The numbers of a server, known to hold those of a room: a protocol asks for its own by this.
 * Throws if the server was not put together with them.
 */
export function limitsIn<Known extends object, List extends LimitList>(
  limits: Known,
  list: List,
): Known & LimitsOf<List> {
  const missing = Object.keys(list).find((name) => !Object.hasOwn(limits, name));
  if (missing !== undefined) throw new Error(`a server must have the limit ${missing}`);
  return limits as Known & LimitsOf<List>;
}

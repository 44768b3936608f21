import { inQuotes } from '../../core/market/quoted.ts';
import { plainPath } from './paths.ts';
import type { ErrorEncoder } from './refusal.ts';
import type { RouteRules } from './scope.ts';

/** As far as RFC 3986, section 3.3, needs no percent-encoding. */
const PREFIX = /^(\/[\w.~!$&'()*+,;=:@-]+)+$/;

/** The path of a request decides how its errors are written where no route does. */
export class ErrorShapes {
  readonly #encoders = new Map<string, ErrorEncoder | undefined>();
  /** The longest first: it is the one that counts. */
  readonly #prefixes: readonly string[];

  /** Throws a `RangeError` if a prefix is no path, or belongs to two. */
  constructor(protocols: readonly RouteRules[]) {
    for (const { prefixes = [], encodeError } of protocols) {
      for (const prefix of prefixes) {
        if (!PREFIX.test(prefix)) {
          const rule = 'a prefix of a protocol must be a path such as /api/v3';
          throw new RangeError(`${rule}; given: ${inQuotes(prefix)}`);
        }
        if (this.#encoders.has(prefix)) {
          throw new RangeError(`protocols must have prefixes of their own; given twice: ${prefix}`);
        }
        this.#encoders.set(prefix, encodeError);
      }
    }
    this.#prefixes = [...this.#encoders.keys()].sort((a, b) => b.length - a.length);
  }

  /** That of the longest prefix that a request is at or below; undefined for our own. */
  of(url: string | undefined): ErrorEncoder | undefined {
    if (url === undefined || this.#encoders.size === 0) return undefined;
    const path = plainPath(url);
    const isIn = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
    const longest = this.#prefixes.find(isIn);
    return longest === undefined ? undefined : this.#encoders.get(longest);
  }
}

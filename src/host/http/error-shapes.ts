import { inQuotes } from '../../core/market/quoted.ts';
import { plainPath } from './paths.ts';
import type { ErrorEncoder } from './refusal.ts';
import type { RouteRules } from './scope.ts';

/** As far as RFC 3986, section 3.3, needs no percent-encoding. */
const PREFIX = /^(\/[\w.~!$&'()*+,;=:@-]+)+$/;

/** How errors are written where no route says it: by path. */
export class ErrorShapes {
  readonly #encoders = new Map<string, ErrorEncoder | undefined>();

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
  }

  /** That of the longest prefix that a request is at or below; undefined for our own. */
  of(url: string | undefined): ErrorEncoder | undefined {
    if (url === undefined || this.#encoders.size === 0) return undefined;
    let path = plainPath(url);
    while (path !== '') {
      if (this.#encoders.has(path)) return this.#encoders.get(path);
      path = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    }
    return undefined;
  }
}

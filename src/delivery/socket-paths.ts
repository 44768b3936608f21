import { plainPath } from '../host/http/paths.ts';

/** What stands in a path, by the names of its pattern; what `*` took under that name. */
export type PathParameters = Readonly<Record<string, string>>;

/** Of a pattern, the one that takes more behind the one that takes less. */
const KINDS = [/^[\w.~-]*$/, /^:\w+$/, /^\*$/];
const REST = 2;

interface Pattern<T> {
  readonly path: string;
  readonly segments: readonly string[];
  /** The kind of each segment, and what does not vary: equal for those that take the same paths. */
  readonly shape: string;
  readonly value: T;
}

/**
 * What there is at which path. A segment of a pattern is a text, `:name`, which takes any text, or
 * `*` at the end, which takes all that follows: `/ws/:stream`. Texts go before names, names before
 * the rest.
 */
export class SocketPaths<T> {
  readonly #patterns: Pattern<T>[] = [];

  /** The patterns, in the order in which they were added. */
  readonly paths: string[] = [];

  /** Adds a pattern; gives what is there already, if that takes the same. Throws a `RangeError`. */
  add(path: string, value: T): T | undefined {
    const segments = path.split('/').slice(1);
    const kinds = segments.map((segment) => KINDS.findIndex((kind) => kind.test(segment)));
    const isRestLast = kinds.every((kind, n) => kind !== REST || n === kinds.length - 1);
    if (!path.startsWith('/') || kinds.includes(-1) || !isRestLast) {
      throw new RangeError(
        'the path of a WebSocket must be of texts and :names between slashes, with * at the end ' +
          `or without; given: ${path}`,
      );
    }
    const shape = kinds.map((kind, n) => `${kind}${kind === 0 ? segments[n] : ''}`).join('/');
    const other = this.#patterns.find((pattern) => pattern.shape === shape);
    if (other !== undefined) return other.value;
    this.paths.push(path);
    this.#patterns.push({ path, segments, shape, value });
    this.#patterns.sort((a, b) => (a.shape < b.shape ? -1 : 1));
    return undefined;
  }

  /** What is at the path of a URL, and what stands in it; undefined if nothing is. */
  find(url: string): { readonly value: T; readonly parameters: PathParameters } | undefined {
    const given = plainPath(url).split('/').slice(1);
    for (const { segments, value } of this.#patterns) {
      const parameters = parametersOf(segments, given);
      if (parameters !== undefined) return { value, parameters };
    }
    return undefined;
  }
}

function parametersOf(
  segments: readonly string[],
  given: readonly string[],
): PathParameters | undefined {
  const isOpen = segments.at(-1) === '*';
  if (isOpen ? given.length < segments.length : given.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [n, segment] of segments.entries()) {
    const isNamed = segment.startsWith(':');
    if (!isNamed && segment !== '*') {
      if (segment !== given[n]) return undefined;
      continue;
    }
    const text = decoded(isNamed ? given[n]! : given.slice(n).join('/'));
    if (text === undefined || (isNamed && text === '')) return undefined;
    parameters[isNamed ? segment.slice(1) : segment] = text;
  }
  return parameters;
}

/** As it is meant; undefined for what means nothing. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

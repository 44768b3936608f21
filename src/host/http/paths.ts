import type { FastifyInstance } from 'fastify';
import { nearest } from '../../core/market/nearest.ts';
import { inQuotes } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';

/** Those are files. */
const FILES = /\*|:|^\/docs\/static|\.(?!json$)\w+$/;

interface Target {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/** A path takes other methods than the one that was given. */
export class WrongMethod extends TickwellError {
  /** Those that it takes. */
  readonly methods: readonly string[];

  constructor(message: string, methods: readonly string[]) {
    super('not_found', message);
    this.methods = methods;
  }
}

/** What is said of a request that no route takes. */
export type NotFound = (target: Target) => TickwellError;

/** The path that a request is for: without its query, and without the host that it may name. */
export function plainPath(url: string): string {
  return url.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0] ?? '';
}

/**
 * What is said of a request that no route takes: which path was probably meant, or which methods
 * this one takes. To be called before there are routes.
 */
export function watchPaths(app: FastifyInstance): NotFound {
  // One list for all requests: it is laid out once to be searched.
  const known: string[] = [];
  // Every path takes OPTIONS, for preflights.
  const methods = new Set<string>();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'OPTIONS') methods.add(one);
    if (!FILES.test(url) && !known.includes(url)) known.push(url);
  });
  return ({ method = '', url = '' }) => {
    const path = plainPath(url);
    const taken = [...methods].filter((one) => app.findRoute({ method: one, url: path }) !== null);
    // What takes it all the same has found nothing there, as files do.
    if (taken.length === 0 || taken.includes(method)) {
      return new TickwellError('not_found', sentenceOf(path, known));
    }
    return new WrongMethod(`${path} takes ${listOf(taken)} alone; given: ${method}`, taken);
  };
}

function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function sentenceOf(path: string, known: readonly string[]): string {
  const what = `no such path ${inQuotes(path)}`;
  const meant = isFolder(path, known) ? undefined : nearest(path, known);
  return meant === undefined ? `${what}; see /docs` : `${what}; did you mean ${inQuotes(meant)}?`;
}

/** Whether a path is only where others begin: it holds no name that somebody could have meant. */
function isFolder(path: string, known: readonly string[]): boolean {
  const folder = path.replace(/\/?$/, '/');
  return known.some((other) => other.startsWith(folder) && other !== folder);
}

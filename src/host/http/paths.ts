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

/** What is said of a request that no route takes. */
export type NotFound = (target: Target) => TickwellError;

/**
 * What is said of a request that no route takes: which path was probably meant, or that this one
 * does not take its method. To be called before there are routes.
 */
export function watchPaths(app: FastifyInstance): NotFound {
  // One list for all requests: it is laid out once to be searched.
  const known: string[] = [];
  app.addHook('onRoute', ({ url }) => {
    if (!FILES.test(url) && !known.includes(url)) known.push(url);
  });
  return ({ method, url = '' }) => new TickwellError('not_found', sentenceOf(method, url, known));
}

function sentenceOf(method: string | undefined, url: string, known: readonly string[]): string {
  const [path = ''] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?');
  const isRead = method === 'GET' || method === 'HEAD';
  if (known.includes(path) && !isRead) return `${path} takes GET and HEAD alone; given: ${method}`;
  const what = `no such path ${inQuotes(path)}`;
  const meant = isFolder(path, known) ? undefined : nearest(path, known);
  return meant === undefined ? `${what}; see /docs` : `${what}; did you mean ${inQuotes(meant)}?`;
}

/** Whether a path is only where others begin: it holds no name that somebody could have meant. */
function isFolder(path: string, known: readonly string[]): boolean {
  const folder = path.replace(/\/?$/, '/');
  return known.some((other) => other.startsWith(folder) && other !== folder);
}

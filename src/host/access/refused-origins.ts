import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { quoted } from '../../core/market/quoted.ts';
import type { AccessPolicy } from './access-policy.ts';

/** Whoever runs a server knows by then; and nobody can fill its memory or its log. */
const MOST_ORIGINS = 20;

/** Tells whoever runs the server which pages it refuses, and what to do: once for each origin. */
export class RefusedOrigins {
  readonly #logger: Logger;
  readonly #access: AccessPolicy;
  readonly #what: string;
  readonly #reported = new Set<string>();

  /** Sentences call what the pages are refused `what`. */
  constructor(logger: Logger, access: AccessPolicy, what = 'the stream') {
    this.#logger = logger;
    this.#what = what;
    this.#access = access;
  }

  tell({ headers: { origin = '', host } }: IncomingMessage): void {
    const name = quoted(origin);
    if (this.#reported.has(name) || this.#reported.size >= MOST_ORIGINS) return;
    this.#reported.add(name);
    const isLast = this.#reported.size === MOST_ORIGINS;
    this.#logger.warn(
      { origin: name, host: quoted(host), ...(isLast ? { last: true } : {}) },
      this.#access.adviceOn(origin, host, this.#what),
    );
  }
}

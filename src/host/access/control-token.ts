import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What `Authorization` takes as a token (RFC 6750, section 2.1), and is not guessed. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{16,256}$/;

/** What who may have things done to a market from anywhere has to say. */
export class ControlToken {
  readonly #hash: Buffer;

  /** Throws a `RangeError` with one sentence on one that would not do; `name` is what set it. */
  constructor(token: string, name: string) {
    if (!TOKEN.test(token)) {
      // What it is, nobody else is to read.
      const rule = 'must be 16 to 256 of A-Z a-z 0-9 . _ ~ + / = -';
      throw new RangeError(`${name} ${rule}; given: ${token.length} characters`);
    }
    this.#hash = hashOf(token);
  }

  /** Whether a request has it. How long that takes to find out says nothing of it. */
  isIn({ headers }: IncomingMessage): boolean {
    const [, given = ''] = /^bearer +(.*)$/i.exec(headers.authorization ?? '') ?? [];
    return timingSafeEqual(hashOf(given), this.#hash);
  }
}

function hashOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

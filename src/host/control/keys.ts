import { randomUUID } from 'node:crypto';
import { TickwellError } from '../../wire/errors.ts';

/** What somebody asks for: the same key and digest are the same, for ever. */
interface Asked {
  readonly key?: string;
  readonly digest: string;
}

/** What was asked for by each key, and what came of it. */
export class Keys {
  readonly #answers = new Map<string, { readonly digest: string; readonly answer: unknown }>();

  /** Notes what came of a key before. */
  known(key: string, digest: string, answer: unknown): void {
    this.#answers.set(key, { digest, answer: Promise.resolve(answer) });
  }

  /** Does something once for its key, or for one that is made for it. */
  once<T>(asked: Asked, act: (key: string) => Promise<T>): Promise<T> {
    const { key = randomUUID(), digest } = asked;
    const known = this.#answers.get(key);
    if (known !== undefined) {
      // The digest says of what kind it is.
      if (known.digest === digest) return known.answer as Promise<T>;
      return Promise.reject(keyConflict(key));
    }
    const answer = act(key);
    const pending = { digest, answer };
    this.#answers.set(key, pending);
    // Who asks again after it came to nothing may do so by the same key.
    answer.catch(() => {
      if (this.#answers.get(key) === pending) this.#answers.delete(key);
    });
    return answer;
  }
}

/** The refusal of a key that is that of something else. */
export function keyConflict(key: string): TickwellError {
  const rule = `key must be one of its own: something else was done with ${key}`;
  return new TickwellError('conflict', rule);
}

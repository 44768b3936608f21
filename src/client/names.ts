import { ClientError } from './error.ts';

/** For programs that no compiler has seen: what is ignored in silence is taken for done. */
export function checkNames(options: object, known: string): void {
  for (const name of Object.keys(options)) {
    if (known.split(' ').includes(name)) continue;
    throw new ClientError('bad_request', `unknown option "${name}"; there are ${known}`);
  }
}

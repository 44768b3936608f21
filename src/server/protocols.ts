import type { NewProtocol, Protocol } from '../delivery/protocol.ts';
import { binance } from '../protocols/binance/binance.ts';
import { tickwell } from '../protocols/tickwell/tickwell.ts';
import { udf } from '../protocols/udf/udf.ts';

/** All that a server speaks, unless it is told otherwise. */
export const PROTOCOLS: readonly NewProtocol[] = [tickwell, udf, binance];

/** What the connections of a protocol are counted as. */
export function kindsOf({ name, encodings, sockets }: Protocol): readonly string[] {
  return encodings ?? (sockets === undefined ? [] : [name]);
}

/** Throws a `RangeError` if two protocols could not be told apart, by name or in the metrics. */
export function checkProtocols(protocols: readonly Protocol[]): void {
  checkApart('names', protocols, ({ name }) => [name]);
  checkApart('encodings', protocols, kindsOf);
}

function checkApart(
  what: string,
  protocols: readonly Protocol[],
  namesOf: (protocol: Protocol) => readonly string[],
): void {
  const owners = new Map<string, string>();
  for (const protocol of protocols) {
    for (const name of namesOf(protocol)) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        const given = `${name} of both ${owner} and ${protocol.name}`;
        throw new RangeError(`protocols must have ${what} of their own; given: ${given}`);
      }
      owners.set(name, protocol.name);
    }
  }
}

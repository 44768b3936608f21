import { unknownName } from '../core/market/unknown.ts';
import type { NewProtocol, Protocol } from '../delivery/protocol.ts';
import { alpaca } from '../protocols/alpaca/alpaca.ts';
import { binance } from '../protocols/binance/binance.ts';
import { control } from '../protocols/control/control.ts';
import { deriv } from '../protocols/deriv/deriv.ts';
import { tickwell } from '../protocols/tickwell/tickwell.ts';
import { udf } from '../protocols/udf/udf.ts';

/** All that there are, by name. */
const BY_NAME = { tickwell, control, udf, deriv, binance, alpaca } as const satisfies Readonly<
  Record<string, NewProtocol>
>;

export type ProtocolName = keyof typeof BY_NAME;

export const PROTOCOL_NAMES = Object.keys(BY_NAME) as readonly ProtocolName[];

/** All that a server speaks, unless it is told otherwise. */
export const PROTOCOLS: readonly NewProtocol[] = Object.values(BY_NAME);

/** Those of which some may be told by their names. */
export function protocolsOf(
  given: readonly (ProtocolName | NewProtocol)[],
): readonly NewProtocol[] {
  return given.map((one) => (typeof one === 'string' ? BY_NAME[one] : one));
}

/** What is wrong with the name of a protocol, as one sentence; undefined if nothing is. */
export function protocolProblem(name: string): string | undefined {
  if (Object.hasOwn(BY_NAME, name)) return undefined;
  return unknownName({ kind: 'protocol', name, known: PROTOCOL_NAMES });
}

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

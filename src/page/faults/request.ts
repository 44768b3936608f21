import { askFor } from '../ask.ts';
import { inTime } from '../in-time.ts';
import { fetchAnew, SERVER } from '../server.ts';
import { faultyPath, withoutFaults } from './path.ts';

/** Where the server is for who asks for no faults, wherever this page was opened. */
const BASE = withoutFaults(SERVER);

/** A profile that has a name. */
export interface Named {
  readonly name: string;
  /** Its clauses. */
  readonly text: string;
  /** What it is like, of the server's own. */
  readonly about?: string;
}

/** What may be asked for here. */
export interface Offered {
  /** Whether nobody may ask for any. */
  readonly isOff: boolean;
  readonly profiles: readonly Named[];
}

/** What is done at one row; a kind says only what it has. */
export interface Strike {
  readonly time: number;
  readonly kind: string;
  readonly ms?: number;
  readonly form?: string;
  readonly ticks?: number;
  readonly other?: string;
  readonly code?: number;
  readonly bytesPerSecond?: number;
}

/** What strikes the rows up to `until`, under the profile in its canonical form. */
export interface Ledger {
  readonly faults: string;
  readonly faultSeed: number;
  readonly until: number;
  readonly strikes: readonly Strike[];
}

export interface LedgerQuery {
  readonly faults: string;
  readonly faultSeed: string | number;
  readonly symbols: string;
  readonly since: number | 'now';
  readonly until?: number;
  readonly limit?: number;
}

export const fetchOffered = () => ask<Offered>('v1/faults/profiles', {});

export const fetchLedger = (query: LedgerQuery) => ask<Ledger>('v1/faults', { ...query });

function ask<Answer>(
  path: string,
  query: Readonly<Record<string, string | number>>,
): Promise<Answer> {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, `${value}`);
  return askFor(url, {}, inTime(fetchAnew));
}

/** The base URL of a feed under a profile. */
export const faultyUrl = (faults: string, seed: string | number) =>
  new URL(faultyPath(faults, seed), BASE);

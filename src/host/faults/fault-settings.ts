import { parseNames } from '../../core/faults/names.ts';
import { FaultProblem } from '../../core/faults/problem.ts';
import {
  DEFAULT_FAULT_SEED,
  type Faults,
  type Names,
  parseFaultSeed,
  parseFaults,
  parseProfile,
} from '../../core/faults/profile.ts';
import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import { remember } from '../remember.ts';

/** What a server is told of faults; texts and numbers, so that it can go to other processes. */
export interface FaultOptions {
  /** What is done to everybody who asks for nothing else: `PROFILE` or `PROFILE:SEED`. */
  readonly byDefault?: string;
  /** Profiles by name, beside those that everybody has. */
  readonly profiles?: Readonly<Record<string, string>>;
  /** Whether nobody may ask for faults. */
  readonly isOff?: boolean;
}

/** What somebody asks for: each is undefined if it is not said. */
export interface AskedFaults {
  /** Of a path: `PROFILE` or `PROFILE:SEED`. */
  readonly prefix?: string | undefined;
  readonly profile?: string | undefined;
  readonly seed?: string | undefined;
}

/** As many as are asked for again and again. */
const MOST_REMEMBERED = 256;

/** Which faults a server may be asked for, and which it has where nothing is said. */
export class FaultSettings {
  /** Undefined for none. */
  readonly byDefault: Faults | undefined;
  readonly isOff: boolean;
  readonly names: Names;
  /** Each text is parsed once, and equal ones give the same faults. */
  readonly #profileOf: (text: string) => Faults['profile'];
  readonly #faultsOf: (text: string) => Faults;

  /** Throws a `FaultProblem` with one sentence. */
  constructor({ byDefault, profiles = {}, isOff = false }: FaultOptions = {}) {
    this.names = parseNames(JSON.stringify({ profiles }));
    this.isOff = isOff;
    this.#profileOf = remember(MOST_REMEMBERED, (text) => parseProfile(text, this.names));
    this.#faultsOf = remember(MOST_REMEMBERED, (text) => parseFaults(text, this.names));
    this.byDefault = byDefault === undefined ? undefined : some(this.#faultsOf(byDefault));
    if (isOff && this.byDefault !== undefined) {
      throw new FaultProblem(`faults must not be off with a default; given: ${byDefault}`);
    }
  }

  /**
   * The faults that are asked for: by a parameter, else by the path, else the default. Undefined
   * for none. Throws a `TickwellError`.
   */
  of({ prefix, profile, seed }: AskedFaults): Faults | undefined {
    try {
      checkSaid(prefix);
      checkSaid(profile);
      const asked = prefix === undefined ? this.byDefault : this.#faultsOf(prefix);
      const named = profile === undefined ? asked?.profile : this.#profileOf(profile);
      const faultSeed = seed === undefined ? asked?.seed : parseFaultSeed(seed);
      if (named === undefined) {
        if (seed === undefined) return undefined;
        throw new FaultProblem(`faultSeed must come with faults; given: ${quoted(seed)}`);
      }
      const faults = some({ profile: named, seed: faultSeed ?? DEFAULT_FAULT_SEED });
      if (faults === undefined || !this.isOff) return faults;
      const sentence = `faults are off on this server; given: ${quoted(named.text)}`;
      throw new TickwellError('faults_off', sentence);
    } catch (error) {
      if (!(error instanceof FaultProblem)) throw error;
      throw new TickwellError('bad_request', error.message);
    }
  }
}

/** Throws where a profile is asked for and none is said: that is nobody's wish for no faults. */
function checkSaid(text: string | undefined): void {
  if (text === undefined || text.trim() !== '') return;
  throw new FaultProblem(`faults must be a profile, or off for none; given: ${quoted(text)}`);
}

/** Undefined where nothing is ever done. */
function some(faults: Faults): Faults | undefined {
  return faults.profile.clauses.length === 0 ? undefined : faults;
}

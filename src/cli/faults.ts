import { parseNames } from '../core/faults/names.ts';
import { FaultProblem } from '../core/faults/problem.ts';
import { OWN_NAMES } from '../core/faults/profile.ts';
import { ruleBroken } from '../core/market/quoted.ts';
import { type FaultOptions, FaultSettings } from '../host/faults/fault-settings.ts';
import type { ServeOptions } from './commands/serve.ts';
import { readMarketFile } from './market-file.ts';
import { placeProblem } from './place-problem.ts';
import { UsageError } from './usage-error.ts';

/** Which faults a server has, and may be asked for. Throws a `UsageError`. */
export function readFaults({
  faulty,
  faults: file,
  noFaults,
}: Pick<ServeOptions, 'faulty' | 'faults' | 'noFaults'>): FaultOptions {
  if (noFaults !== 'true' && noFaults !== 'false') {
    throw new UsageError([ruleBroken('no-faults', 'must be true or false', noFaults)]);
  }
  if (faulty === '') throw new UsageError(['faulty must be a profile; given: ""']);
  const isOff = noFaults === 'true';
  if (isOff && (faulty ?? file) !== undefined) {
    const given = faulty === undefined ? 'faults' : 'faulty';
    throw new UsageError([`no-faults must be given alone; given: ${given} too`]);
  }
  const options: FaultOptions = {
    isOff,
    ...(faulty === undefined ? {} : { byDefault: faulty }),
    ...(file === undefined ? {} : { profiles: readProfiles(file) }),
  };
  try {
    new FaultSettings(options);
  } catch (error) {
    if (error instanceof FaultProblem)
      throw new UsageError([`faulty must be a profile: ${error.message}`]);
    throw error;
  }
  return options;
}

/** The profiles in a file, by name. Throws a `UsageError`. */
export function readProfiles(file: string): Readonly<Record<string, string>> {
  if (file === '') throw new UsageError(['faults must be a file; given: ""']);
  let text: string;
  try {
    text = readMarketFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError([placeProblem('faults', file, 'read', code)]);
  }
  try {
    const names = [...parseNames(text)];
    return Object.fromEntries(names.filter(([name]) => !OWN_NAMES.has(name)));
  } catch (error) {
    if (error instanceof FaultProblem)
      throw new UsageError([`faults must be profiles by name; ${file}: ${error.message}`]);
    throw error;
  }
}

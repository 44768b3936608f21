import { readMarketFile } from './market-file.ts';
import { placeProblem } from './place-problem.ts';
import { UsageError } from './usage-error.ts';

/** The token in a file: its first line, and there must be no more. */
export function readToken(option: string, file: string): string {
  if (file === '') throw new UsageError([`${option} must be a file; given: ""`]);
  try {
    return readMarketFile(file).trimEnd();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError([placeProblem(option, file, 'read', code)]);
  }
}

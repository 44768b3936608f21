import { visible } from '../core/market/quoted.ts';

/** Codes of ours beside those of the system. */
export const NO_WRITER = 'NO_WRITER';
export const SILENT_WRITER = 'SILENT_WRITER';

type Use = 'read' | 'written';

/**
 * Why the system would not have a file read or written, as one sentence; `code` is its name for
 * that.
 */
export function placeProblem(option: string, place: string, use: Use, code = 'no reason'): string {
  const named = `${option} ${visible(JSON.stringify(place))}`;
  switch (code) {
    case 'ENOENT':
      return use === 'read' ? `${named} is not there` : `the folder of ${named} is not there`;
    case 'ENOTDIR':
      return `${named} is not there: a part of its path is no folder`;
    case NO_WRITER:
      return `${named} is a pipe that nobody writes into`;
    case SILENT_WRITER:
      return `${named} is a pipe that nothing came through within 3 s`;
    case 'EISDIR':
      return `${named} is a folder, not a file`;
    case 'EACCES':
    case 'EPERM':
      return `${named} may not be ${use} by this user`;
    case 'ELOOP':
      return `${named} leads from link to link without end`;
    default:
      return `${named} cannot be ${use} (${code})`;
  }
}

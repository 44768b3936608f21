import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import type { HostLimits } from '../host-limits.ts';

/** Node's own files and pipes, files of the page that are being sent, the log. */
const OWN_DESCRIPTORS = 48;

/** How many files and sockets this process may have open; Infinity where that is not told. */
export function descriptorLimit(): number {
  // Node has raised the soft limit to the hard one when it started.
  const soft = fromProc() ?? fromReport();
  return soft !== undefined && /^\d+$/.test(soft) ? Number(soft) : Number.POSITIVE_INFINITY;
}

function fromProc(): string | undefined {
  try {
    return /^Max open files\s+(\w+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Takes some milliseconds; for systems without /proc. */
function fromReport(): string | undefined {
  const report = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft: string | number } };
  };
  const soft = report.userLimits?.open_files?.soft;
  return soft === undefined ? undefined : String(soft);
}

/**
 * Node says nothing when descriptors run out: connections are kept below what there are, for one of
 * `workers` processes.
 */
export function withinDescriptors<L extends HostLimits>(
  asked: L,
  workers: number,
  logger: Logger,
): { readonly limits: L; readonly maxOwnConnections: number } {
  const most = descriptorLimit();
  const spareConnections = Math.min(asked.spareConnections, Math.floor(most / 4));
  const own = most - OWN_DESCRIPTORS - spareConnections;
  const maxConnections = Math.min(asked.maxConnections, workers * own);
  if (maxConnections < 1) {
    throw new RangeError(
      `the limit of open files (ulimit -n) must be at least ${2 * OWN_DESCRIPTORS}; given: ${most}`,
    );
  }
  if (maxConnections < asked.maxConnections) {
    logger.warn({ maxConnections, openFiles: most }, 'fewer connections than the limit');
  }
  return {
    limits: { ...asked, maxConnections, spareConnections },
    maxOwnConnections: Math.min(maxConnections, own),
  };
}

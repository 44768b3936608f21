import { readFileSync } from 'node:fs';

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

/** What must be put right however the program ends, short of SIGKILL. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const cleaners = new Set<() => void>();

/**
 * Has `clean` called, once, when the program is ended by a signal, by an error or by itself; not
 * after the function that is given back was called.
 */
export function atEnd(clean: () => void): () => void {
  if (cleaners.size === 0) {
    process.on('exit', cleanAll);
    for (const signal of SIGNALS) process.on(signal, endBy);
  }
  cleaners.add(clean);
  return () => {
    if (cleaners.delete(clean) && cleaners.size === 0) stopListening();
  };
}

function cleanAll(): void {
  stopListening();
  for (const clean of cleaners) clean();
  cleaners.clear();
}

/** Ends as if nobody had listened: a shell sees the signal, and a write that hangs is no matter. */
function endBy(signal: NodeJS.Signals): void {
  cleanAll();
  process.kill(process.pid, signal);
}

function stopListening(): void {
  process.off('exit', cleanAll);
  for (const signal of SIGNALS) process.off(signal, endBy);
}

/** What becomes of a program that is told to end, each called at most once. */
export interface Ending {
  /** How long it goes on after it was told so; 0 for no time. */
  readonly drainMs: () => number;
  /** Says that it is about to stop, and goes on. */
  readonly drain: () => void;
  readonly stop: () => void;
  /** Ends at once, whatever is under way. */
  readonly cut: () => void;
}

/**
 * Has the signals that end a program do so. SIGTERM, which comes from what runs it, drains first;
 * Ctrl-C, which comes from a person, does not. Each further signal waits for nothing that the ones
 * before it have begun: while it drains it stops, while it stops it is cut.
 */
export function endOnSignals({ drainMs, drain, stop, cut }: Ending): void {
  let state: 'serving' | 'draining' | 'stopping' = 'serving';
  const stopNow = () => {
    if (state === 'stopping') return;
    state = 'stopping';
    stop();
  };
  const signalled = (signal: NodeJS.Signals) => {
    if (state === 'stopping') {
      cut();
    } else if (state === 'draining' || signal === 'SIGINT' || drainMs() === 0) {
      stopNow();
    } else {
      state = 'draining';
      drain();
      setTimeout(stopNow, drainMs());
    }
  };
  process.on('SIGINT', signalled);
  process.on('SIGTERM', signalled);
}

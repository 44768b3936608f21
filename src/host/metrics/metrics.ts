import { FAULT_KINDS, type FaultKind } from '../../core/faults/kinds.ts';
import { CLOSE_CODES, ERRORS, type ErrorCode } from '../../wire/errors.ts';
import { RequestTimes } from './request-times.ts';

/**
 * What is counted while serving, but for what is sent: `ConnectionCounters` has that. Where both
 * are read, and by which names: `readings.ts`.
 */
export class Metrics {
  /** Connections that were taken in since the start. */
  openedConnections = 0;
  /** Sockets that were closed unheard because there were too many. */
  droppedConnections = 0;
  /** Times the wall clock moved otherwise than the steady one. */
  clockSteps = 0;
  /** Rows that readers with delivery "latest" were not sent. */
  skippedRows = 0;
  /** By code; all are there from the start, so that the first of a kind is seen as a rise. */
  readonly refusals = new Map<ErrorCode, number>();
  /** By close code; 0 for those that only a client can have thought of. */
  readonly closes = new Map<number, number>();
  readonly requests = new RequestTimes();
  /** What was done to readers who asked for it, by the kind of fault. */
  readonly faults = new Map<FaultKind, number>();

  constructor() {
    for (const code of Object.keys(ERRORS)) this.refusals.set(code as ErrorCode, 0);
    for (const code of [0, 1000, 1001, 1006, ...Object.values(CLOSE_CODES)]) {
      this.closes.set(code, 0);
    }
    for (const kind of FAULT_KINDS) this.faults.set(kind, 0);
  }

  refused(code: ErrorCode): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  struck(kind: FaultKind): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }

  closed(code: number): void {
    // Clients choose codes too: theirs are not to fill the memory.
    const known =
      Object.values<number>(CLOSE_CODES).includes(code) || (code >= 1000 && code < 1016);
    const counted = known ? code : 0;
    this.closes.set(counted, (this.closes.get(counted) ?? 0) + 1);
  }
}

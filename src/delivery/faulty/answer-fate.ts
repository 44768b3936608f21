import type { Strike } from '../../core/faults/strike.ts';

/** What is done to an answer over HTTP, by the row that was the newest at its asking. */
export class AnswerFate {
  /** Of all that is done, each by its own strike. */
  readonly strikes: readonly Strike[];
  /** The row. */
  readonly index: number;
  /** It comes so much later. */
  readonly waitMs: number;
  /** Of the first that says so. */
  readonly ending: 'cut' | 'close' | 'halfopen' | undefined;
  readonly status: Extract<Strike, { kind: 'status' }> | undefined;
  readonly garbage: Extract<Strike, { kind: 'garbage' }> | undefined;
  readonly isTruncated: boolean;
  readonly bytesPerSecond: number;
  /** Added to its newest times. */
  readonly skewMs: number;

  constructor(strikes: readonly Strike[], index: number) {
    this.index = index;
    const done: Strike[] = [];
    let waitMs = 0;
    let skewMs = 0;
    let isTruncated = false;
    let bytesPerSecond = Number.POSITIVE_INFINITY;
    let ending: AnswerFate['ending'];
    let status: AnswerFate['status'];
    let garbage: AnswerFate['garbage'];
    for (const strike of strikes) {
      switch (strike.kind) {
        case 'delay':
        case 'stall':
        case 'slow':
          waitMs += strike.ms;
          break;
        case 'cut':
        case 'close':
        case 'halfopen':
          ending ??= strike.kind;
          break;
        case 'status':
          status ??= strike;
          break;
        case 'garbage':
          garbage ??= strike;
          break;
        case 'truncate':
          isTruncated = true;
          break;
        case 'throttle':
          bytesPerSecond = strike.bytesPerSecond;
          break;
        case 'skew':
          skewMs += strike.ms;
          // Counted where there is a time to be changed.
          continue;
        default:
          continue;
      }
      done.push(strike);
    }
    this.strikes = done;
    this.waitMs = waitMs;
    this.ending = ending;
    this.status = status;
    this.garbage = garbage;
    this.isTruncated = isTruncated;
    this.bytesPerSecond = bytesPerSecond;
    this.skewMs = skewMs;
  }
}

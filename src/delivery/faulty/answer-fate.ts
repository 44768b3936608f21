import type { Strike } from '../../core/faults/strike.ts';

/** What has an answer come later. */
export const WAITS = ['delay', 'stall', 'slow'] as const;

/** What is done to an answer over HTTP, by the row that was the newest at its asking. */
export class AnswerFate {
  /** All strikes on that row, and those that hold for good. */
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
    this.strikes = strikes;
    this.index = index;
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
          break;
        default:
          break;
      }
    }
    this.waitMs = waitMs;
    this.ending = ending;
    this.status = status;
    this.garbage = garbage;
    this.isTruncated = isTruncated;
    this.bytesPerSecond = bytesPerSecond;
    this.skewMs = skewMs;
  }
}

import { formatTime } from '../../core/market/time.ts';

/** A time as clients are told it: to the microsecond, in every encoding. */
export class Moment {
  readonly ms: number;
  /** Beside whole milliseconds. */
  readonly micros: number;

  constructor(ms: number, micros = 0) {
    this.ms = ms;
    this.micros = micros;
  }

  /** RFC 3339, with as much of a second as there is. */
  toJSON(): string {
    const { seconds, nanos } = this;
    if (nanos === 0) return formatTime(this.ms);
    const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '');
    return formatTime(seconds * 1000).replace('Z', `.${fraction}Z`);
  }

  /** Whole seconds since the Unix epoch. */
  get seconds(): number {
    return Math.floor(this.ms / 1000);
  }

  /** What follows them. */
  get nanos(): number {
    return (this.ms - this.seconds * 1000) * 1_000_000 + this.micros * 1000;
  }
}

import type { Model } from './model.ts';

/** The outcome of comparing what is on the screen with what the server says. */
export interface Audit {
  /** By this machine's own steady clock. */
  readonly atMs: number;
  readonly bars: number;
  readonly differences: number;
}

/** What may be said about continuity: `no gaps` only when counters and a recent audit agree. */
export function continuityText(model: Model): { text: string; isGood: boolean } {
  const audit = model.audit.value;
  const { gaps, duplicates } = model.counters.value;
  const { kind } = model.connection.value;
  if (audit !== undefined && audit.differences > 0) {
    const { differences } = audit;
    return {
      text: `${differences} ${differences === 1 ? 'bar differs' : 'bars differ'}`,
      isGood: false,
    };
  }
  const isHeldUp = kind !== 'live' || model.areBarsHeldUp.value;
  if (isHeldUp || audit === undefined) return { text: 'pending', isGood: false };
  if (gaps + duplicates > 0) {
    return { text: `${gaps + duplicates} repaired`, isGood: false };
  }
  return { text: 'no gaps', isGood: true };
}

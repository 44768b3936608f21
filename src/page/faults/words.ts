import type { SubscriptionState } from '../../client/index.ts';
import { spanText } from '../control/words.ts';
import type { Strike } from './request.ts';

/** What is done at a row, in a few words: `delay 1.5 s`, `corrupt ticks +3`. */
export function strikeText({ kind, ms, form, ticks, other, code, bytesPerSecond }: Strike): string {
  const span = kind === 'skew' ? signed(ms, ' ms') : ms !== undefined && spanText(ms);
  const rate = bytesPerSecond !== undefined && `${bytesPerSecond} B/s`;
  const parts = [kind, span, code, rate, form, signed(ticks), other];
  return parts.filter((part) => part !== undefined && part !== false).join(' ');
}

function signed(value: number | undefined, unit = ''): string | undefined {
  if (value === undefined) return undefined;
  return `${value < 0 ? '−' : '+'}${Math.abs(value)}${unit}`;
}

const SEEN: Readonly<Record<string, string>> = {
  gap: 'gap seen, asked again',
  duplicate: 'refused, asked again',
  garbled: 'not read, asked again',
  silence: 'gave up, came back',
};

/** What the client did in a state that it has entered; undefined if nothing. */
export function deedText(state: SubscriptionState): string | undefined {
  if (state.kind === 'stale') return 'waited';
  if (state.kind === 'refused') return 'gave up for good';
  if (state.kind === 'reconnecting') return SEEN[state.reason.code] ?? 'came back';
  return undefined;
}

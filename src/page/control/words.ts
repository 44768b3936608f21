import { formatDuration } from '../../core/market/resolution.ts';
import type { LoggedEffect, LoggedEntry } from './log.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `90 s`, `5 m`, `1 h`: a duration as short as it can be said. */
export function spanText(ms: number): string {
  return formatDuration(ms).replace(/(?<=\d)(?=[a-z])/, ' ');
}

/** `+9 %`, `−12.5 %` */
export function percentText(percent: number): string {
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`;
}

/** What one effect does, in a few words. */
export function effectText(effect: LoggedEffect): string {
  const { kind, percent = 0, over = 0, backPercent = 0, backOver = 0, factor = 1 } = effect;
  const forText = `for ${spanText(effect.for ?? 0)}`;
  switch (kind) {
    case 'shift':
      return `shift ${percentText(percent)}`;
    case 'ramp': {
      const there = `ramp ${percentText(percent)} over ${spanText(over)}`;
      if (backPercent === 0) return there;
      return `${there}, ${backPercent} % of it back over ${spanText(backOver)}`;
    }
    case 'volatility':
      return `volatility ×${factor} ${forText}`;
    case 'drift':
      return `drift ${percentText(effect.percentPerDay ?? 0)} a day ${forText}`;
    case 'halt':
      return `halt ${forText}`;
    case 'liquidity': {
      const factors = (['spread', 'depth', 'volume'] as const)
        .filter((name) => (effect[name] ?? 1) !== 1)
        .map((name) => `${name} ×${effect[name]}`);
      return `${factors.join(', ') || 'liquidity'} ${forText}`;
    }
  }
}

/** All that effects do, one after the other; each once, however many it is for. */
export function effectsText(effects: readonly LoggedEffect[]): string {
  const said = effects.map((effect) => {
    const { after = 0 } = effect;
    return after === 0 ? effectText(effect) : `after ${spanText(after)} ${effectText(effect)}`;
  });
  return [...new Set(said)].join('; ');
}

/** What an entry is called: its scenario, or what it does. */
export function entryText({ name, effects }: LoggedEntry): string {
  return name ?? effectsText(effects);
}

/** Who an entry is for: `NIMBO`, `Technology`, `all`. */
export function targetText({ effects }: Pick<LoggedEntry, 'effects'>): string {
  const targets = new Set(effects.map(({ symbol, sector }) => symbol ?? sector ?? 'all'));
  const [first = 'all'] = targets;
  return targets.size <= 1 ? first : `${first} and ${targets.size - 1} more`;
}

/** `4:12`, `5 h 12 min`, `2 d 15 h`: the time until something. */
export function leftText(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / SECOND_MS)) * SECOND_MS;
  const of = (unitMs: number, within: number) => Math.floor((whole % within) / unitMs);
  if (whole < HOUR_MS) {
    const seconds = String(of(SECOND_MS, MINUTE_MS)).padStart(2, '0');
    return `${of(MINUTE_MS, HOUR_MS)}:${seconds}`;
  }
  if (whole < DAY_MS) return `${of(HOUR_MS, DAY_MS)} h ${of(MINUTE_MS, HOUR_MS)} min`;
  return `${Math.floor(whole / DAY_MS)} d ${of(HOUR_MS, DAY_MS)} h`;
}

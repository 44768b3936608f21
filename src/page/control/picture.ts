import { type LoggedEffect, lengthMs } from './log.ts';

/** What is before a scenario, and behind it, as a part of its length. */
const AROUND = 0.15;
const STEPS = 44;
/** What a market does by itself: less than anything that is drawn of it. */
const NOISE = [0, 0.7, -0.4, 0.5, -0.9, 0.3, 0.8, -0.6, 0.1, -0.7, 0.9];

/** How many percent a scenario has moved the price by, `ms` after its start. */
function movedAt(effects: readonly LoggedEffect[], ms: number): number {
  let moved = 0;
  for (const { kind, after = 0, percent = 0, ...effect } of effects) {
    const past = ms - after;
    if (past < 0) continue;
    if (kind === 'shift') moved += percent;
    if (kind === 'drift') {
      moved += ((effect.percentPerDay ?? 0) * Math.min(past, effect.for ?? 0)) / 86_400_000;
    }
    if (kind !== 'ramp') continue;
    const { over = 1, backPercent = 0, backOver = 1 } = effect;
    const there = Math.min(1, past / over);
    const back = (Math.min(1, Math.max(0, (past - over) / backOver)) * backPercent) / 100;
    moved += percent * (there - back);
  }
  return moved;
}

/** What the noise of the market is worth then: a factor, 0 in a halt. */
function noiseAt(effects: readonly LoggedEffect[], ms: number): number {
  let factor = 1;
  for (const { kind, after = 0, ...effect } of effects) {
    if (ms < after || ms >= after + (effect.for ?? 0)) continue;
    if (kind === 'halt') return 0;
    if (kind === 'volatility') factor *= effect.factor ?? 1;
  }
  return factor;
}

/** How long what can be seen of a scenario takes. */
function drawnMs(effects: readonly LoggedEffect[]): number {
  const ends = effects.map((effect) => (effect.after ?? 0) + lengthMs(effect));
  return Math.max(1, ...ends);
}

/** A picture of what effects do to a price: the path of a line in a box. */
export function picturePath(
  effects: readonly LoggedEffect[],
  widthPx: number,
  heightPx: number,
): string {
  const lengthInAll = drawnMs(effects);
  const startMs = -AROUND * lengthInAll;
  const stepMs = (lengthInAll * (1 + 2 * AROUND)) / STEPS;
  // What stands still holds what was before it.
  let held = 0;
  const moves = Array.from({ length: STEPS + 1 }, (_, step) => {
    const ms = startMs + step * stepMs;
    const isHeld = noiseAt(effects, ms) === 0;
    if (!isHeld) held = movedAt(effects, ms);
    return held;
  });
  const span = Math.max(...moves) - Math.min(...moves);
  const noise = Math.max(span * 0.03, 0.08);
  const values = moves.map((moved, step) => {
    const factor = Math.min(4, noiseAt(effects, startMs + step * stepMs));
    return moved + noise * factor * NOISE[step % NOISE.length]!;
  });
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const scale = (heightPx - 4) / Math.max(high - low, 12 * noise);
  const middle = (low + high) / 2;
  return values
    .map((value, step) => {
      const x = (step / STEPS) * widthPx;
      const y = heightPx / 2 - (value - middle) * scale;
      return `${step === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/** What a scenario does, in the fewest words: its largest move, and whether it halts. */
export function shortText(effects: readonly LoggedEffect[], span: (ms: number) => string): string {
  const moves = effects.filter(({ percent }) => percent !== undefined);
  const size = ({ percent = 0 }: LoggedEffect) => Math.abs(percent);
  const [move] = moves.toSorted((one, other) => size(other) - size(one));
  const halt = effects.find(({ kind }) => kind === 'halt');
  const liquidity = effects.find(({ kind }) => kind === 'liquidity');
  const parts: string[] = [];
  if (move !== undefined) {
    const { kind, percent = 0, over = 0 } = move;
    const sign = percent < 0 ? '−' : '+';
    const within = kind === 'ramp' ? ` in ${span(over)}` : '';
    parts.push(`${sign}${Math.abs(percent)} %${within}`);
  }
  if (halt !== undefined) parts.push(`halt ${span(halt.for ?? 0)}`);
  if (parts.length === 0 && liquidity !== undefined) {
    parts.push(`volume ×${liquidity.volume ?? 1}`);
  }
  return parts.join(', ');
}

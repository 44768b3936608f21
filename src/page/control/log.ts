/** What one effect does, as the server tells it: what is not of its kind is absent. */
export interface LoggedEffect {
  readonly kind: 'shift' | 'ramp' | 'volatility' | 'drift' | 'halt' | 'liquidity';
  readonly symbol?: string;
  readonly sector?: string;
  /** Milliseconds since its entry takes effect, as all durations are. */
  readonly after?: number;
  readonly percent?: number;
  readonly over?: number;
  readonly backPercent?: number;
  readonly backOver?: number;
  readonly factor?: number;
  readonly percentPerDay?: number;
  readonly for?: number;
  readonly resume?: 'base' | 'frozen';
  readonly spread?: number;
  readonly depth?: number;
  readonly volume?: number;
}

/** What was done at one moment. */
export interface LoggedEntry {
  readonly key: string;
  readonly index: number;
  /** Of the first row that it changes. */
  readonly time: number;
  /** The id of the market from then on. */
  readonly market: string;
  /** Of a scenario. */
  readonly name?: string;
  readonly effects: readonly LoggedEffect[];
}

/** An instrument, as far as effects tell who they are for. */
export interface Affected {
  readonly symbol: string;
  readonly sector?: string | undefined;
}

export function isFor(effect: LoggedEffect, { symbol, sector }: Affected): boolean {
  if (effect.symbol !== undefined) return effect.symbol === symbol;
  return effect.sector === undefined || effect.sector === sector;
}

/** How long an effect is at work: a shift and a ramp stay where they have led. */
export function lengthMs({
  kind,
  over = 0,
  backPercent = 0,
  backOver = 0,
  ...effect
}: LoggedEffect) {
  if (kind === 'shift') return 0;
  if (kind !== 'ramp') return effect.for ?? 0;
  return backPercent === 0 ? over : over + backOver;
}

/** When the last of its effects is over. */
export function endOf({ time, effects }: LoggedEntry): number {
  return Math.max(time, ...effects.map((effect) => time + (effect.after ?? 0) + lengthMs(effect)));
}

/** Whether prices stay where it has led them, all of the way or a part. */
export function isForGood({ effects }: LoggedEntry): boolean {
  return effects.some(
    ({ kind, backPercent }) => kind === 'shift' || (kind === 'ramp' && backPercent !== 100),
  );
}

/** A time in which an instrument stands still. */
export interface Halt {
  readonly fromMs: number;
  /** When it trades again. */
  readonly untilMs: number;
}

/** The halts of an instrument, oldest first; those that overlap are one. */
export function haltsOf(
  entries: readonly LoggedEntry[],
  instrument: Affected,
  intervalMs: number,
): readonly Halt[] {
  const found = entries
    .flatMap(({ time, effects }) =>
      effects
        .filter((effect) => effect.kind === 'halt' && isFor(effect, instrument))
        .map(({ after = 0, for: forMs = 0 }) => {
          const fromMs = time + after;
          return { fromMs, untilMs: fromMs + Math.ceil(forMs / intervalMs) * intervalMs };
        }),
    )
    .sort((one, other) => one.fromMs - other.fromMs);
  const halts: Halt[] = [];
  for (const halt of found) {
    const before = halts.at(-1);
    if (before === undefined || halt.fromMs > before.untilMs) halts.push(halt);
    else {
      const untilMs = Math.max(before.untilMs, halt.untilMs);
      halts[halts.length - 1] = { fromMs: before.fromMs, untilMs };
    }
  }
  return halts;
}

/** What stands in the circle of a mark; of several effects that begin together, the first here. */
const SIGNS = { halt: 'II', ramp: 'R', shift: 'J', drift: 'D', volatility: 'V', liquidity: 'L' };
const KINDS = Object.keys(SIGNS) as readonly LoggedEffect['kind'][];

/** Something that began for an instrument, to be marked on its chart. */
export interface Mark {
  readonly timeMs: number;
  readonly entry: LoggedEntry;
  /** What it is for the instrument: that of the mark's sign is the first. */
  readonly effects: readonly LoggedEffect[];
}

export const signOf = ({ effects }: Mark): string => SIGNS[effects[0]!.kind];

/**
 * The marks of an instrument: where each entry takes effect, and where a halt or a jump that
 * belongs to it begins later.
 */
export function marksOf(entries: readonly LoggedEntry[], instrument: Affected): readonly Mark[] {
  return entries.flatMap((entry) => {
    const ours = entry.effects.filter((effect) => isFor(effect, instrument));
    if (ours.length === 0) return [];
    const sorted = KINDS.flatMap((kind) => ours.filter((effect) => effect.kind === kind));
    const firstMs = Math.min(...ours.map(({ after = 0 }) => after));
    const first = sorted.filter(({ after = 0 }) => after === firstMs);
    const rest = sorted.filter(({ after = 0 }) => after !== firstMs);
    const later = rest.filter(({ kind }) => kind === 'halt' || kind === 'shift');
    return [
      { timeMs: entry.time + firstMs, entry, effects: [...first, ...rest] },
      ...later.map((effect) => ({
        timeMs: entry.time + (effect.after ?? 0),
        entry,
        effects: [effect],
      })),
    ];
  });
}

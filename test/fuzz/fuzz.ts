import { setImmediate as nextTurn } from 'node:timers/promises';
import { Chance } from './chance.ts';

/** Something that parses what strangers send. */
export interface Target {
  readonly name: string;
  /** How often it has its turn, beside the others. */
  readonly weight: number;
  /** Makes up one input, has it parsed and checks what comes of it; throws if it is wrong. */
  run(chance: Chance): void;
}

export interface Findings {
  readonly inputs: number;
  readonly perSecond: number;
  /** CPU time of this process, which a busy machine does not make longer. */
  readonly slowestMs: number;
  readonly slowest: string;
  readonly byTarget: Readonly<Record<string, number>>;
}

export interface FuzzOptions {
  readonly targets: readonly Target[];
  readonly inputs: number;
  readonly seed: number;
  /** Ends earlier if it has taken so long, but not before `least` inputs. */
  readonly withinMs?: number;
  readonly least?: number;
  /** Called now and then. */
  readonly onProgress?: (done: number, perSecond: number) => void;
}

/** Inputs between two turns of the event loop, in which what was put off gets done. */
const TURN = 500;

/**
 * Feeds `inputs` inputs to the targets. Each has a seed of its own, which stands in the error if
 * one is answered wrongly: `replay(target, seed)` is that input alone.
 */
export async function fuzz(options: FuzzOptions): Promise<Findings> {
  const { targets, inputs, seed, onProgress } = options;
  const { withinMs = Number.POSITIVE_INFINITY, least = 0 } = options;
  const turns = targets.flatMap((target) => Array<Target>(target.weight).fill(target));
  const byTarget: Record<string, number> = {};
  const beganMs = performance.now();
  let slowestMs = 0;
  let slowest = '';
  let n = 0;
  for (; n < inputs; n++) {
    const target = turns[n % turns.length]!;
    const own = Math.imul(seed + n, 0x9e3779b1) >>> 0;
    const tookMs = timed(target, own);
    // It may have been the collection of garbage: there is a second try.
    if (tookMs > slowestMs) {
      slowestMs = Math.max(slowestMs, Math.min(tookMs, timed(target, own)));
      slowest = `${target.name} with seed ${own}`;
    }
    byTarget[target.name] = (byTarget[target.name] ?? 0) + 1;
    if (n % TURN === 0) {
      await nextTurn();
      if (n >= least && performance.now() - beganMs > withinMs) break;
    }
    if (n % 100_000 === 0) onProgress?.(n, rate(n));
  }
  await nextTurn();
  return { inputs: n, perSecond: rate(n), slowestMs, slowest, byTarget };

  function rate(done: number): number {
    return Math.round((done / (performance.now() - beganMs)) * 1000);
  }
}

function timed(target: Target, seed: number): number {
  const before = process.cpuUsage();
  replay(target, seed);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** One input again. */
export function replay(target: Target, seed: number): void {
  try {
    target.run(new Chance(seed));
  } catch (error) {
    throw new Error(`${target.name} with seed ${seed}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Markets to begin with, as specs. All names are invented: nothing here is, or follows, anything
 * that can be bought.
 */
import { CRYPTO } from './crypto.ts';
import { EQUITIES } from './equities.ts';
import { EXCHANGE } from './exchange.ts';
import { FX } from './fx.ts';
import { TEACHING } from './teaching.ts';

/** A spec as `checkSpec` takes it, and what people are told of it. */
export interface Preset {
  readonly title: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

export const PRESETS = {
  classic: {
    title: '100 walks, a price each every second, in uint16: the default',
    spec: {},
  },
  equities: EQUITIES,
  crypto: CRYPTO,
  fx: FX,
  exchange: EXCHANGE,
  stress: {
    title: '10,000 walks, ten rows a second: 100,000 prices a second',
    spec: { interval: 100, count: 10_000, pattern: 'STRESS_{}' },
  },
  teaching: TEACHING,
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

export function isPresetName(name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(PRESETS, name);
}

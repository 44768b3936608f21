import type { Preset } from './presets.ts';
import { SHARES, SHARES_LAW } from './shares.ts';

export const EQUITIES: Preset = {
  title: '50 shares in 8 sectors, at 0.01, round the clock',
  spec: {
    // One by which most days have some that rise and some that fall.
    seed: 11,
    dtype: 'uint32',
    // An hour is less of a day that never ends: jumps are less of it.
    defaults: { ...SHARES_LAW, jumpShare: 0.18 },
    instruments: SHARES,
  },
};

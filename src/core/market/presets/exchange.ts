import type { Preset } from './presets.ts';
import { SHARES, SHARES_LAW } from './shares.ts';

export const EXCHANGE: Preset = {
  title: 'the same 50 shares in the hours of New York: with nights and weekends',
  spec: {
    // One by which most days have some that rise and some that fall.
    seed: 68,
    dtype: 'uint32',
    defaults: { ...SHARES_LAW, calendar: 'new-york', jumpShare: 0.21 },
    instruments: SHARES,
  },
};

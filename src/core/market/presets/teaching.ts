import { MODEL_KINDS } from '../models/parameters.ts';
import type { Preset } from './presets.ts';

/** What one is to see in each model. */
const LESSONS: Readonly<Record<(typeof MODEL_KINDS)[number], string>> = {
  walk: 'Walk: one tick up or down',
  gbm: 'Brownian: the textbook of options',
  ou: 'Mean reverting: always drawn back',
  jump: 'Jumps: calm, and then news',
  'crash-boom': 'Crash: a sudden fall, a slow way back',
  range: 'Range: walls that hold until they break',
  regime: 'Regimes: calm and storm',
  market: 'Market: bursts within bursts',
};

export const TEACHING: Preset = {
  title: 'one instrument of each model, to see and to compare',
  spec: {
    dtype: 'uint32',
    defaults: { tickSize: 0.01, startPrice: 250 },
    instruments: MODEL_KINDS.map((model) => ({
      symbol: model.toUpperCase(),
      name: LESSONS[model],
      model,
    })),
  },
};

import { MODEL_KINDS } from '../models/parameters.ts';
import type { Preset } from './presets.ts';

/** What one is to see in each model. */
const LESSONS: Readonly<Record<(typeof MODEL_KINDS)[number], string>> = {
  walk: 'Walk: one tick up or down',
  gbm: 'GBM: the textbook of options',
  market: 'Market: bursts, fat tails, jumps',
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

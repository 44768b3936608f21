import type { Key } from '../../random/threefry.ts';
import type { Grid } from '../grid.ts';
import type { Instrument } from '../instrument.ts';
import type { Factors } from './factors.ts';
import type { Overlay } from './overlay.ts';
import type { Scratch } from './scratch.ts';

/** What a model is made of, beside its own parameters. */
export interface ModelContext {
  readonly instrument: Instrument;
  readonly grid: Grid;
  /** Of the instrument: everything random of it is drawn from keys derived of this one. */
  readonly key: Key;
  readonly scratch: Scratch;
  /** What instruments of the model `market` have in common. */
  readonly factors: Factors;
  /** What is done to the instrument; left out where nothing is. */
  readonly overlay?: Overlay | undefined;
}

/** A Julian year, 365.25 days: markets here never close. */
export const YEAR_MS = 31_557_600_000;

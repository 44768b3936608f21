import type { FactId } from '../../src/core/realism/facts.ts';
import type { MeasuredPreset } from '../helpers/pooled.ts';

/** A row that is outside the range of real markets, why, and what it is held to instead. */
export interface Fight {
  readonly preset: MeasuredPreset;
  readonly id: FactId;
  readonly low: number;
  readonly high: number;
  readonly why: string;
}

const FEW_JUMPS =
  'It lives on a few large jumps of the whole market, which go down. Most months have none: the ' +
  'middle seed is near 0, and a few are far above. More of them would take the kurtosis of hours ' +
  'and days out of its range.';

export const FIGHTS: readonly Fight[] = [
  {
    ...{ preset: 'equities', id: 'skewness-1d', low: -1.5, high: 0.2 },
    why:
      'Skewness against leverage: what lowers a price before volatility rises lifts it while ' +
      'volatility falls back. Seeds scatter by 0.3; `exchange`, of nearly the same law, is inside.',
  },
  {
    ...{ preset: 'equities', id: 'correlation-30min', low: 0.12, high: 0.6 },
    why:
      'Of four shares of different sectors in one month: how much of it is the market’s differs by ' +
      'the month. Over years it is inside, by the hour (test/realism/pooled.test.ts).',
  },
  { ...{ preset: 'crypto', id: 'falls-less-rises', low: -0.04, high: 0.3 }, why: FEW_JUMPS },
  { ...{ preset: 'fx', id: 'falls-less-rises', low: -0.04, high: 0.3 }, why: FEW_JUMPS },
  { ...{ preset: 'exchange', id: 'falls-less-rises', low: -0.04, high: 0.3 }, why: FEW_JUMPS },
  {
    ...{ preset: 'exchange', id: 'zumbach', low: -0.01, high: 0.1 },
    why:
      'Four years hold few crises: seeds scatter by 0.02, as real markets would. `equities`, of ' +
      'nearly the same law, is inside.',
  },
];

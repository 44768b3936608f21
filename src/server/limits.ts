import { DELIVERY_LIMITS } from '../delivery/limits.ts';
import { HOST_LIMITS } from '../host/host-limits.ts';
import { type LimitList, LimitRules, type LimitsOf, limitsIn } from '../host/limits.ts';
import { ALPACA_LIMITS } from '../protocols/alpaca/limits.ts';
import { BINANCE_LIMITS } from '../protocols/binance/limits.ts';
import { DERIV_LIMITS } from '../protocols/deriv/limits.ts';
import { type Limits as OwnLimits, TICKWELL_LIMITS } from '../protocols/tickwell/limits.ts';
import { UDF_LIMITS } from '../protocols/udf/limits.ts';

/** Of protocols beside Tickwell's own. */
const FURTHER_LIMITS = { ...UDF_LIMITS, ...DERIV_LIMITS, ...BINANCE_LIMITS, ...ALPACA_LIMITS };

export type Limits = OwnLimits & LimitsOf<typeof FURTHER_LIMITS>;
export type LimitName = keyof Limits;

/** Limits that differ from the default ones; of further protocols, theirs too. */
export type LimitChanges = { readonly [Name in LimitName]?: number } & {
  readonly [name: string]: number | undefined;
};

/** The limits of a server that speaks protocols which declare these. */
export function limitRules(ofProtocols: readonly LimitList[]): LimitRules {
  return new LimitRules([DELIVERY_LIMITS, ...ofProtocols, HOST_LIMITS]);
}

/** The limits of a server that speaks these protocols, by name: known to hold the host's. */
export type SpokenLimits = Readonly<Record<string, number>> & LimitsOf<typeof HOST_LIMITS>;

/** Those of `tickwell serve`. */
export const LIMIT_RULES = limitRules([TICKWELL_LIMITS, FURTHER_LIMITS]);

/** Their values with some changed. Throws a `RangeError` with one sentence on a problem. */
export function limitsOf(changes: LimitChanges = {}): Limits {
  const all = { ...DELIVERY_LIMITS, ...TICKWELL_LIMITS, ...FURTHER_LIMITS, ...HOST_LIMITS };
  return limitsIn(LIMIT_RULES.settle(changes), all);
}

export const DEFAULT_LIMITS: Limits = limitsOf();

import { FaultProblem } from '../../../core/faults/problem.ts';
import {
  DEFAULT_FAULT_SEED,
  type Faults,
  type Names,
  OWN_NAMES,
  parseFaultSeed,
  parseProfile,
} from '../../../core/faults/profile.ts';
import type { Graded } from '../../../core/grading/truth.ts';
import type { Market } from '../../../core/market/market.ts';
import { quoted } from '../../../core/market/quoted.ts';
import type { Pay } from '../../../host/budgets/work.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { Notation } from '../../../wire/notation.ts';
import { cuttingOf } from '../cutting.ts';
import { timeMsOf } from '../requests.ts';
import type { GradeRequest } from './grading.ts';

/** What is asked for, as it was said. */
export interface AskedGrade {
  readonly what: Graded;
  readonly resolution?: string | undefined;
  readonly tz?: string | undefined;
  readonly offset?: string | undefined;
  readonly held?: boolean | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly prices: Notation['prices'];
  readonly faults?: string | undefined;
  readonly faultSeed?: string | undefined;
}

/** What it means, of these columns. Throws a `TickwellError` on what is wrong with it. */
export function gradeRequestOf(
  history: { readonly market: Market; readonly head: number },
  asked: AskedGrade,
  columns: readonly number[] | undefined,
  pay: Pay,
  names: Names = OWN_NAMES,
): GradeRequest {
  const { what, resolution, tz, offset, held, since, until, prices } = asked;
  if (what === 'candles') {
    if (resolution === undefined) {
      const rule = 'resolution is missing: the width of candles, such as 1m';
      throw new TickwellError('bad_request', rule);
    }
  } else {
    for (const [name, value] of Object.entries({ resolution, tz, offset, held })) {
      if (value === undefined) continue;
      const rule = `${name} must come with what=candles`;
      throw new TickwellError('bad_request', `${rule}; given: ${quoted(value)}`);
    }
  }
  const sinceMs = since === undefined ? undefined : timeMsOf('since', since);
  const untilMs = until === undefined ? undefined : timeMsOf('until', until);
  if (sinceMs !== undefined && untilMs !== undefined && untilMs <= sinceMs) {
    throw new TickwellError('bad_request', `until must be after since; given: ${quoted(until)}`);
  }
  const cut = resolution === undefined ? undefined : { resolution, tz, offset };
  return {
    what,
    resolution: cut && cuttingOf(history, cut, pay),
    isHeldWanted: held ?? true,
    isDecimal: prices === 'decimal',
    ...{ columns, sinceMs, untilMs, faults: faultsOf(asked, names) },
  };
}

/** The faults that were asked for; undefined for none. */
function faultsOf({ faults, faultSeed }: AskedGrade, names: Names): Faults | undefined {
  try {
    const seed = faultSeed === undefined ? DEFAULT_FAULT_SEED : parseFaultSeed(faultSeed);
    if (faults === undefined) {
      if (faultSeed === undefined) return undefined;
      throw new FaultProblem(`faultSeed must come with faults; given: ${quoted(faultSeed)}`);
    }
    const profile = parseProfile(faults, names);
    return profile.clauses.length === 0 ? undefined : { profile, seed };
  } catch (error) {
    if (!(error instanceof FaultProblem)) throw error;
    throw new TickwellError('bad_request', error.message);
  }
}

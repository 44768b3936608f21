import { Check, type Fields, type SpecProblem } from '../check.ts';
import type { Rows } from '../rows.ts';
import { checkEffect, checkEffects, type Effect, MOST_EFFECTS } from './effects.ts';
import { isScenarioName, SCENARIO_NAMES, SCENARIOS } from './scenarios.ts';

/** What is asked for, in the words of users, checked. */
export type Requested =
  | { readonly ok: true; readonly name?: string; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

type Instruments = Pick<Rows, 'instruments' | 'columnOf' | 'symbols'>;

/** Who something is for, as users say it: all, if they say nothing. */
const TARGETS = ['symbol', 'symbols', 'sector'];

/** Checks one event: an effect, of one instrument, several, a sector or all. */
export function checkEvent(input: Fields, market: Instruments): Requested {
  const problems: SpecProblem[] = [];
  const check = new Check(problems);
  const { symbol: _symbol, symbols: _symbols, sector: _sector, ...effect } = input;
  const targets = targetsOf(check, input);
  const effects: Effect[] = [];
  for (const target of targets) {
    // What is wrong with the effect is wrong for each: it is said once.
    if (problems.length > 0) break;
    effects.push(checkEffect(check, { ...effect, ...target }, market, ''));
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, effects };
}

/**
 * Checks a scenario: one that has a name, or a user's own with its effects. Those that do not say
 * for whom they are, are for who it is started for.
 */
export function checkScenario(input: Fields, market: Instruments): Requested {
  const problems: SpecProblem[] = [];
  const check = new Check(problems);
  check.fields('', input, ['scenario', ...TARGETS]);
  const { scenario } = input;
  const targets = targetsOf(check, input);
  if (typeof scenario === 'string') {
    if (!isScenarioName(scenario)) {
      check.noneOf('scenario', 'scenario', SCENARIO_NAMES, scenario);
      return { ok: false, problems };
    }
    return problems.length > 0
      ? { ok: false, problems }
      : named(scenario, checkEffects(forEach(SCENARIOS[scenario].effects, targets), market));
  }
  const own = check.fields('scenario', scenario, ['name', 'effects']);
  const name = own?.name === undefined ? undefined : check.text('scenario.name', own.name, '');
  if (own === undefined || problems.length > 0) return { ok: false, problems };
  const { effects } = own;
  // The product of too many effects and symbols alone would take the memory of a server.
  const isList = Array.isArray(effects) && effects.length <= MOST_EFFECTS;
  const all = isList ? forEach(effects, targets) : effects;
  return named(name, checkEffects(all, market, 'scenario.effects'));
}

function named(name: string | undefined, found: Requested): Requested {
  return found.ok && name !== undefined ? { ...found, name } : found;
}

/** Each effect for each target, unless it says one of its own. */
function forEach(effects: readonly unknown[], targets: readonly Fields[]): readonly unknown[] {
  const hasTarget = (effect: object) => 'symbol' in effect || 'sector' in effect;
  return effects.flatMap((effect) => {
    // What is no effect is found wrong later.
    if (typeof effect !== 'object' || effect === null || hasTarget(effect)) return [effect];
    return targets.map((target) => ({ ...effect, ...target }));
  });
}

/** Who it is for: one or more, each with the field that says so; one without any is all. */
function targetsOf(check: Check, { symbol, symbols, sector }: Fields): readonly Fields[] {
  const said = Object.entries({ symbol, symbols, sector }).filter(
    ([, value]) => value !== undefined,
  );
  if (said.length > 1) {
    const [first, second] = said.map(([name]) => name);
    check.problem(second!, `cannot stand beside ${first}: give one or the other`, said[1]![1]);
  }
  if (symbols === undefined) return [Object.fromEntries(said)];
  if (!Array.isArray(symbols) || symbols.length < 1 || symbols.length > MOST_EFFECTS) {
    const given = Array.isArray(symbols) ? `${symbols.length} of them` : symbols;
    check.problem('symbols', `must be a list of 1 to ${MOST_EFFECTS} symbols`, given);
    return [];
  }
  // To one that is given twice it would be done twice.
  const twice = symbols.find((symbol, n) => symbols.indexOf(symbol) !== n);
  if (twice !== undefined) check.problem('symbols', 'must differ', twice);
  return symbols.map((each) => ({ symbol: each }));
}

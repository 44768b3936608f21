import { describe, expect, it } from 'vitest';
import { DEFAULT_TRADING } from '../../../src/core/market/instrument.ts';
import {
  boundsOf,
  MODEL_KINDS,
  type ModelKind,
  type Parameter,
  parametersOf,
} from '../../../src/core/market/models/parameters.ts';
import { checkSpec } from '../../../src/core/market/spec.ts';
import { expectSentence } from '../../helpers/sentence.ts';

const INTERVAL_MS = 1000;
const NO_NUMBERS = [null, '', '1', 'abc', true, false, [], [1], {}, Number.NaN];
const INFINITE = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300];

/** How an instrument is traded is said for each model alike. */
const TRADING = {
  spreadTicks: { type: 'number', min: 1, max: 1e6, fallback: DEFAULT_TRADING.spreadTicks },
  tradesPerDay: { type: 'number', min: 0, max: 1e12, fallback: DEFAULT_TRADING.tradesPerDay },
  lotsPerTrade: { type: 'number', min: 1, max: 1e6, fallback: DEFAULT_TRADING.lotsPerTrade },
} as const satisfies Record<string, Omit<Parameter & { type: 'number' }, 'unit'>>;

interface Case {
  readonly model: ModelKind;
  readonly name: string;
  readonly parameter: Parameter;
}

const CASES: readonly Case[] = MODEL_KINDS.flatMap((model) => {
  const traded = Object.entries(TRADING).map(
    ([name, parameter]) => [name, { ...parameter, unit: '' }] as const,
  );
  return [...Object.entries(parametersOf(model)), ...traded].map(([name, parameter]) => {
    return { model, name, parameter };
  });
});

/** The numbers next to its bounds that it cannot be. */
function beside(parameter: Parameter): number[] {
  if (parameter.type === 'choice') return [];
  const { min, max } = boundsOf(parameter, INTERVAL_MS);
  const step = parameter.type === 'duration' ? 1 : 1e-9;
  return [min - step, max * (1 + step) + step, -max - step];
}

/** What it cannot be: of another type, without an end, beside its bounds, a part of a millisecond. */
function wrongValues(parameter: Parameter): unknown[] {
  if (parameter.type === 'choice') return [null, '', 'x', 5, -1, true, [], {}, parameter.options];
  const all = [...NO_NUMBERS, ...INFINITE, ...beside(parameter)];
  // Text says a length of time, too.
  return parameter.type === 'duration'
    ? [...all, min(parameter) + 0.5, '-1s', '1.5s', '10x', '99999999999w']
    : all;
}

const min = (parameter: Parameter & { type: 'duration' }) => boundsOf(parameter, INTERVAL_MS).min;

/** How a value stands at the end of a problem's sentence. */
function shown(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null;
  return isObject ? JSON.stringify(value) : String(value);
}

/** The problems of a spec, by their paths. */
function problemsOf(spec: unknown) {
  const check = checkSpec(spec);
  return check.ok ? [] : check.problems;
}

describe.each(CASES)('$name of $model', ({ model, name, parameter }) => {
  it('that is wrong is told with its place, its rule and what was given', () => {
    for (const value of wrongValues(parameter)) {
      const isWord = parameter.type === 'choice' && typeof value === 'string';
      const places = [
        ['defaults', { count: 2, defaults: { model, [name]: value } }],
        [
          'instruments[1]',
          { instruments: [{ symbol: 'A' }, { symbol: 'B', model, [name]: value }] },
        ],
      ] as const;
      for (const [place, spec] of places) {
        const path = `${place}.${name}`;
        const problems = problemsOf(spec);
        expect(
          problems.map((problem) => problem.path),
          shown(value),
        ).toEqual([path]);
        const { message } = problems[0]!;
        if (isWord) expect(message).toMatch(`unknown ${name} "${value}" of ${place}`);
        else expectSentence(message, path, shown(value));
      }
    }
  });

  it('that is not said is what the table says, wherever it is not said', () => {
    const fallback =
      parameter.type === 'choice'
        ? parameter.options[0]
        : boundsOf(parameter, INTERVAL_MS).fallback;
    for (const said of [{}, { [name]: undefined }]) {
      const check = checkSpec({ instruments: [{ symbol: 'A', model, ...said }] });
      const [instrument] = check.ok ? check.spec.instruments : [];
      expect({ ...instrument!.model, ...instrument!.trading }).toMatchObject({ [name]: fallback });
    }
  });

  it('that is spelled wrong is told the right name', () => {
    const wrong = `${name.slice(0, -1)}${name.slice(-1)}s`;
    const problems = problemsOf({ instruments: [{ symbol: 'A', model, [wrong]: 1 }] });
    expect(problems.map(({ path }) => path)).toEqual([`instruments[0].${wrong}`]);
    expect(problems[0]!.message).toMatch(`unknown field "${wrong}" of instruments[0]`);
    expect(problems[0]!.message).toMatch(`did you mean "${name}"?`);
  });
});

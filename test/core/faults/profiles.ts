import fc from 'fast-check';
import {
  FAULT_KINDS,
  type FaultKind,
  isCloseCode,
  takesOf,
} from '../../../src/core/faults/kinds.ts';

const duration = (mostMs: number) =>
  fc
    .constantFrom<[string, number]>(['ms', 1], ['s', 1000], ['m', 60_000])
    .chain(([unit, ms]) =>
      fc
        .integer({ min: 1, max: Math.floor(mostMs / ms) })
        .map((n) => ({ text: `${n}${unit}`, ms: n * ms })),
    );

const range = fc
  .tuple(duration(3_600_000), duration(3_600_000))
  .map((ends) => ends.sort((a, b) => a.ms - b.ms))
  .map(([from, to]) => `${from!.text}-${to!.text}`);

const when = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }).map((n) => `@${(n / 10_000).toFixed(4)}%`),
  fc.integer({ min: 1, max: 100 }).map((n) => `@${n}%`),
  duration(86_400_000).map(({ text }) => `@${text}`),
);

function how(kind: FaultKind): fc.Arbitrary<string> {
  const takes = takesOf(kind);
  switch (takes.what) {
    case 'nothing':
      return fc.constant('');
    case 'time': {
      const word = fc.constantFrom('', ...takes.words.map((name) => `+${name}`));
      const time = fc.oneof(
        range,
        duration(3_600_000).map(({ text }) => text),
      );
      return fc.tuple(time, word).map(([text, last]) => `:${text}${last}`);
    }
    case 'forms':
      return fc
        .shuffledSubarray([...takes.forms])
        .map((some) => (some.length === 0 ? '' : `:${some.join('+')}`));
    case 'code':
      return fc
        .integer({ min: 1000, max: 4999 })
        .map((code) => (isCloseCode(code) ? `:${code}` : ''));
    case 'pace':
      return fc
        .tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom('B', 'kB', 'MB'), fc.boolean())
        .map(([n, unit, isLong]) => `:${n}${unit}${isLong ? '/s' : ''}`);
  }
}

/** Any profile that there can be, in many spellings. */
export function aProfile(most = 32): fc.Arbitrary<string> {
  const clause = fc
    .constantFrom(...FAULT_KINDS)
    .chain((kind) =>
      fc
        .tuple(how(kind), kind === 'throttle' ? fc.oneof(when, fc.constant('')) : when)
        .map((parts) => `${kind}${parts.join('')}`),
    );
  return fc.array(clause, { maxLength: most }).map((clauses) => clauses.join(','));
}

import { pick, seededRandom } from '../helpers/random.ts';

/** What a generator draws from. The same seed gives the same draws. */
export class Chance {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  /** Uniform in [0, count). */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** Whether the one time in `times` is now. */
  once(times: number): boolean {
    return this.next() * times < 1;
  }

  pick<T>(choices: readonly T[]): T {
    return pick(this.next, choices);
  }

  /** `make` as often as it comes, at most `most` times. */
  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  '\n',
  '\ufeff',
  '\ud800',
  '\u202e',
  '😀',
  'é',
  '"',
  '\\',
  '%00',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '-0',
  '1e400',
  '0x10',
  '..',
  '::',
  '/',
  ',',
  '*',
  '[',
  '{',
];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  255,
  256,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e15,
  1e20,
  1e308,
  Number.MIN_VALUE,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];
const LETTERS = '0123456789-+:.TZzt wdhms%/[]{}"\\,;=*aefx_\0\u00e9\ud83d';

export function anyText(chance: Chance): string {
  if (chance.once(3)) return chance.pick(ODD_TEXTS);
  const length = chance.once(50) ? chance.below(3000) : chance.below(24);
  let text = '';
  for (let n = 0; n < length; n++) text += LETTERS.charAt(chance.below(LETTERS.length));
  return text;
}

export function anyNumber(chance: Chance): number {
  const number = chance.pick(NUMBERS) + (chance.once(3) ? chance.below(3) - 1 : 0);
  return chance.once(4) ? -number : number;
}

/** Anything that JSON can say, and numbers that it cannot. */
export function anyValue(chance: Chance, depth = 3): unknown {
  switch (chance.below(depth > 0 ? 8 : 6)) {
    case 0:
      return null;
    case 1:
      return chance.once(2);
    case 2:
    case 3:
      return anyNumber(chance);
    case 4:
    case 5:
      return anyText(chance);
    case 6:
      return chance.list(4, () => anyValue(chance, depth - 1));
    default:
      return Object.fromEntries(
        chance.list(4, () => [anyText(chance), anyValue(chance, depth - 1)]),
      );
  }
}

/** `text` with a few of its characters changed, lost, doubled or swapped for other texts. */
export function mutated(chance: Chance, text: string): string {
  let result = text;
  for (let times = chance.below(4); times > 0; times--) {
    const at = chance.below(result.length + 1);
    const end = at + chance.below(chance.once(4) ? result.length : 3);
    const piece = chance.pick([
      '',
      result.slice(at, end) + result.slice(at, end),
      LETTERS[chance.below(LETTERS.length)]!,
      chance.pick(ODD_TEXTS),
      String(anyNumber(chance)),
    ]);
    result = result.slice(0, at) + piece + result.slice(end);
  }
  return result.length > 4096 ? result.slice(0, 4096) : result;
}

/** `bytes` with a few of them changed, cut off, or added. */
export function mutatedBytes(chance: Chance, bytes: Uint8Array): Uint8Array {
  let result = new Uint8Array(bytes);
  for (let times = chance.below(4); times > 0; times--) {
    const at = chance.below(result.length + 1);
    switch (chance.below(5)) {
      case 0:
        if (at < result.length) result[at] = chance.below(256);
        break;
      case 1:
        if (at < result.length) result[at]! ^= 1 << chance.below(8);
        break;
      case 2:
        result = result.slice(0, at);
        break;
      case 3: {
        const longer = new Uint8Array(result.length + 1 + chance.below(9));
        longer.set(result);
        result = longer;
        break;
      }
      default:
        result.fill(chance.pick([0, 1, 0x7f, 0x80, 0xff]), at, at + chance.pick([1, 2, 4, 8]));
    }
  }
  return result;
}

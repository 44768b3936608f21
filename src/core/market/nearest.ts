/** Longer names are no slips of the keyboard; the places of a letter fit one word of bits. */
const MOST_LENGTH = 32;
/** Shorter parts are in too many names. */
const LEAST_PART = 3;
/** The first of a longer list. */
const MOST_NAMES = 20_000;
/**
 * Letters that one search looks at, at 2 to 8 ns each: where names are long and hard to tell apart,
 * those that come later are left out.
 */
const MOST_LOOKS = 2 ** 15;
/** Codes of ASCII. */
const PLAIN = 128;

/**
 * The one of `known` that somebody who wrote `name` is likely to have meant: it is the same but for
 * slips, or one is the beginning or the end of the other. Undefined where none is near; the first
 * of several that are equally near. Takes half a millisecond at the most, once the names have been
 * laid out: it looks at the first 20,000, and at fewer where they are long and alike.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  return nearestBySlips(name, known) ?? nearestPart(name, known);
}

/**
 * The one that differs by the fewest slips, at most one for every three letters: a letter more,
 * less or other, or two swapped. The case of letters is none.
 */
export function nearestBySlips(name: string, known: readonly string[]): string | undefined {
  const { length } = name;
  if (length === 0 || length > MOST_LENGTH) return undefined;
  const names = namesOf(known);
  // One slip is what there is most often, and few names have to be looked at for it.
  const found = withFewestSlips(name, names, 1) ?? withFewestSlips(name, names, MOST_LENGTH);
  return found === undefined ? undefined : known[found];
}

/** The place of the one that differs by the fewest slips, of `most` or less. */
function withFewestSlips(name: string, names: Names, most: number): number | undefined {
  const { length } = name;
  const own = new Name(name);
  let least = most + 1;
  let found: number | undefined;
  for (let n = 0; n < names.count && own.looks < MOST_LOOKS; n++) {
    const other = names.lengths[n]!;
    const bound = Math.min(least - 1, Math.floor(Math.max(length, other) / 3));
    if (Math.abs(other - length) > bound) continue;
    if (slipsOfKinds(own.kinds, names.kinds[n]!) > bound) continue;
    const slips = own.slipsTo(names.letters, names.starts[n]!, other, bound);
    if (slips > bound) continue;
    least = slips;
    found = n;
    if (slips === 0) break;
  }
  return found;
}

/** The one of the nearest length that begins or ends with the name, or the other way round. */
export function nearestPart(name: string, known: readonly string[]): string | undefined {
  const { length } = name;
  if (length < LEAST_PART || length > MOST_LENGTH) return undefined;
  const own = new Name(name);
  const names = namesOf(known);
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < names.count && own.looks < MOST_LOOKS; n++) {
    const other = names.lengths[n]!;
    const difference = Math.abs(other - length);
    if (other < LEAST_PART || difference >= least) continue;
    const part = Math.min(length, other);
    const start = names.starts[n]!;
    const isPart =
      own.sameFirst(names.letters, start, part) === part ||
      own.sameLast(names.letters, start + other, part) === part;
    if (!isPart) continue;
    least = difference;
    found = known[n];
  }
  return found;
}

/** A name that is compared with others, whatever their case. */
class Name {
  readonly kinds: number = 0;
  /** What was looked at, in letters of the table of distances. */
  looks = 0;
  readonly #letters: Uint16Array;
  /** At which places each letter stands, one bit for each: of plain letters, and of others. */
  readonly #plain = new Int32Array(PLAIN);
  readonly #others = new Map<number, number>();

  constructor(name: string) {
    const letters = new Uint16Array(name.length);
    for (let n = 0; n < name.length; n++) letters[n] = letterAt(name, n);
    this.#letters = letters;
    for (const [n, letter] of letters.entries()) {
      this.kinds |= kindOf(letter);
      const places = this.#placesOf(letter) | (1 << n);
      if (letter < PLAIN) this.#plain[letter] = places;
      else this.#others.set(letter, places);
    }
  }

  /** How many of the first `most` letters are those from `start` on, up to one that is not. */
  sameFirst(others: Uint16Array, start: number, most: number): number {
    const letters = this.#letters;
    let n = 0;
    while (n < most && letters[n] === others[start + n]) n++;
    this.looks += 1 + n / 4;
    return n;
  }

  /** How many of the last `most` letters are those before `end`, back to one that is not. */
  sameLast(others: Uint16Array, end: number, most: number): number {
    const letters = this.#letters;
    const { length } = letters;
    let n = 0;
    while (n < most && letters[length - 1 - n] === others[end - 1 - n]) n++;
    this.looks += 1 + n / 4;
    return n;
  }

  /**
   * How many slips lie between this and the `count` letters from `start` on; more than `most` where
   * it is more than that. The beginning and the end that are the same are left out. Then one
   * row of the table of distances at a time, as bits: which are one more, and which one less, than
   * the one beside them. Source: H. Hyyro, "A bit-vector algorithm for computing Levenshtein and
   * Damerau edit distances" (Nordic Journal of Computing 10, 2003), for optimal string alignment.
   */
  slipsTo(others: Uint16Array, start: number, count: number, most: number): number {
    const { length } = this.#letters;
    const shorter = Math.min(length, count);
    const first = this.sameFirst(others, start, shorter);
    const same = first + this.sameLast(others, start + count, shorter - first);
    const [own, rest] = [length - same, count - same];
    if (own === 0) return rest;
    // One slip is a letter, or two that are swapped.
    if (most <= 1 && Math.max(own, rest) > 2 * most) return most + 1;
    const plain = this.#plain;
    const last = 1 << (own - 1);
    let slips = own;
    let [more, less, diagonal, before] = [-1, 0, 0, 0];

    let n = 0;
    // Each letter that is left takes one away at the most.
    for (; n < rest && slips - (rest - n) <= most; n++) {
      const letter = others[start + first + n]!;
      const places = (letter < PLAIN ? plain[letter]! : this.#placesOf(letter)) >>> first;
      const swapped = ((~diagonal & places) << 1) & before;
      diagonal = (((places & more) + more) ^ more) | places | less | swapped;
      const moreBelow = less | ~(diagonal | more);
      const lessBelow = diagonal & more;
      if ((moreBelow & last) !== 0) slips += 1;
      else if ((lessBelow & last) !== 0) slips -= 1;
      less = ((moreBelow << 1) | 1) & diagonal;
      more = (lessBelow << 1) | ~(diagonal | (moreBelow << 1) | 1);
      before = places;
    }

    this.looks += n;
    return n === rest ? slips : most + 1;
  }

  #placesOf(letter: number): number {
    return letter < PLAIN ? this.#plain[letter]! : (this.#others.get(letter) ?? 0);
  }
}

/** The first names of a list: their letters one after the other, capitals as small ones. */
interface Names {
  readonly count: number;
  readonly letters: Uint16Array;
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
  readonly kinds: Int32Array;
}

const kept = new WeakMap<readonly string[], Names>();

/**
 * Lays out a list whose names will be sought, such as all symbols of a market: of 10,000 long ones
 * that takes 10 ms and more, which the first search would take otherwise.
 */
export function layOut(known: readonly string[]): void {
  namesOf(known);
}

/** Those of a list, kept as long as it is: a list that is looked at never changes. */
function namesOf(known: readonly string[]): Names {
  const names = kept.get(known) ?? madeOf(known.slice(0, MOST_NAMES));
  kept.set(known, names);
  return names;
}

function madeOf(known: readonly string[]): Names {
  const count = known.length;
  const lengths = Uint32Array.from(known, ({ length }) => length);
  const letters = new Uint16Array(lengths.reduce((sum, length) => sum + length, 0));
  const starts = new Uint32Array(count);
  const kinds = new Int32Array(count);
  let at = 0;
  for (let n = 0; n < count; n++) {
    const name = known[n]!;
    starts[n] = at;
    for (let k = 0; k < name.length; k++) {
      const letter = letterAt(name, k);
      letters[at++] = letter;
      kinds[n]! |= kindOf(letter);
    }
  }
  return { count, letters, starts, lengths, kinds };
}

/** One bit for each kind of letter: each digit is one, 26 letters are 20, all others are two. */
function kindOf(letter: number): number {
  if (letter >= 48 && letter <= 57) return 1 << (letter - 26);
  if (letter >= 97 && letter <= 122) return 1 << ((letter - 97) % 20);
  return 1 << (20 + (letter & 1));
}

/** A slip takes one kind away at the most, and brings one: at least so many lie between names. */
function slipsOfKinds(kinds: number, others: number): number {
  return Math.max(bitsOf(kinds & ~others), bitsOf(others & ~kinds));
}

/** How many bits are set. Source: H. Warren, "Hacker's Delight" (2nd edition), figure 5-2. */
function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The code of a letter, capitals as small ones. */
function letterAt(text: string, n: number): number {
  const code = text.charCodeAt(n);
  return code >= 65 && code <= 90 ? code + 32 : code;
}

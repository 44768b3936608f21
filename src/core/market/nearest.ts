/** Longer names are no slips of the keyboard, and comparing them costs their square. */
const MOST_LENGTH = 40;
/** Shorter parts are in too many names. */
const LEAST_PART = 3;
/** The first of a longer list, so that a look takes a few milliseconds at the most. */
const MOST_NAMES = 20_000;

/**
 * The one of `known` that somebody who wrote `name` is likely to have meant: it is the same but for
 * slips, or one is the beginning or the end of the other. Undefined where none is near; the first
 * of several that are equally near. Looks at each of the first 20,000 names once or twice.
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
  const letters = lettersOf(name);
  let least = Number.POSITIVE_INFINITY;
  let found: string | undefined;
  for (let n = 0; n < Math.min(known.length, MOST_NAMES); n++) {
    const candidate = known[n]!;
    const most = Math.min(least - 1, Math.floor(Math.max(length, candidate.length) / 3));
    if (Math.abs(candidate.length - length) > most) continue;
    const slips = slipsBetween(letters, candidate, most);
    if (slips > most) continue;
    least = slips;
    found = candidate;
    if (slips === 0) break;
  }
  return found;
}

/** The one of the nearest length that begins or ends with the name, or the other way round. */
export function nearestPart(name: string, known: readonly string[]): string | undefined {
  if (name.length < LEAST_PART || name.length > MOST_LENGTH) return undefined;
  const given = name.toLowerCase();
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < Math.min(known.length, MOST_NAMES); n++) {
    const candidate = known[n]!;
    const difference = Math.abs(candidate.length - given.length);
    if (candidate.length < LEAST_PART || difference >= least) continue;
    const other = candidate.toLowerCase();
    const [part, whole] = other.length < given.length ? [other, given] : [given, other];
    if (!whole.startsWith(part) && !whole.endsWith(part)) continue;
    least = difference;
    found = candidate;
  }
  return found;
}

const rows = [0, 1, 2].map(() => new Uint8Array(2 * MOST_LENGTH));

/**
 * How many slips lie between a name and another, whatever their case; more than `most` where it is
 * more than that. Source: the optimal string alignment distance (Damerau 1964; Wagner and Fischer
 * 1974), of what is left without the beginning and the end that are the same.
 */
function slipsBetween(letters: Uint16Array, other: string, most: number): number {
  let start = 0;
  let [end, otherEnd] = [letters.length, other.length];
  while (start < end && start < otherEnd && letters[start] === letterAt(other, start)) start++;
  while (end > start && otherEnd > start && letters[end - 1] === letterAt(other, otherEnd - 1)) {
    end--;
    otherEnd--;
  }
  const [width, height] = [end - start, otherEnd - start];
  if (width === 0 || height === 0) return width + height;

  let [before, above, row] = rows as [Uint8Array, Uint8Array, Uint8Array];
  for (let x = 0; x <= width; x++) above[x] = x;
  for (let y = 1; y <= height; y++) {
    const letter = letterAt(other, start + y - 1);
    let least = y;
    row[0] = y;
    for (let x = 1; x <= width; x++) {
      const own = letters[start + x - 1];
      let slips = Math.min(
        above[x - 1]! + (own === letter ? 0 : 1),
        above[x]! + 1,
        row[x - 1]! + 1,
      );
      const isSwap =
        x > 1 &&
        y > 1 &&
        own === letterAt(other, start + y - 2) &&
        letters[start + x - 2] === letter;
      if (isSwap) slips = Math.min(slips, before[x - 2]! + 1);
      row[x] = slips;
      least = Math.min(least, slips);
    }
    // A swap looks two rows back, and adds one to what it finds there.
    if (least > most + 1) return least;
    [before, above, row] = [above, row, before];
  }
  return above[width]!;
}

function lettersOf(name: string): Uint16Array {
  const letters = new Uint16Array(name.length);
  for (let n = 0; n < name.length; n++) letters[n] = letterAt(name, n);
  return letters;
}

/** The code of a letter, capitals as small ones. */
function letterAt(text: string, n: number): number {
  const code = text.charCodeAt(n);
  return code >= 65 && code <= 90 ? code + 32 : code;
}

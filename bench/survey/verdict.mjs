/** What came of a run, in words with a fixed meaning. */

/** Who is told nothing for so long until the end, though the feed went on, has stopped. */
export const STOP_MS = 60_000;

/** Verdicts, the worst first, with what each means. */
export const VERDICTS = {
  crashes: 'the process ends by an error that nobody could catch',
  stops: `nothing came in the last ${STOP_MS / 1000} seconds, though the feed went on`,
  'untold gaps': 'something is missing for good, and nothing was said while it was',
  'told gaps':
    'something is missing for good; an error, an event or a line of its log came with it',
  'wrong prices': 'prices that are not true, given as if they were',
  'wrong times': 'times or numbers that are not true, given as if they were',
  twice: 'something is given more than once',
  'out of order': 'something is given behind what comes after it',
  right: 'everything is there, once, in order and true, though some of it late',
};

/** The place of a record among those of its symbol, or NaN if it says none. */
const placeOf = ({ id, time }, stepMs) =>
  id === undefined ? Math.round(Number(time) / stepMs) : Number(id);

/**
 * The holes in what was given of each symbol: how many are missing, and whether something was said while
 * each was open. What came later fills a hole. `lines` are those of a follower.
 */
export function holesOf(lines, stepMs = 1000) {
  const symbols = new Map();
  const holes = [];
  let tolds = 0;
  for (const [kind, , record] of lines) {
    if (kind === 'told') tolds++;
    if (kind !== 'record') continue;
    const place = placeOf(record, stepMs);
    if (!Number.isSafeInteger(place)) continue;
    const seen = symbols.get(record.symbol) ?? { last: place - 1, places: new Set(), tolds };
    symbols.set(record.symbol, seen);
    if (place > seen.last + 1)
      holes.push({ seen, from: seen.last + 1, next: place, told: tolds > seen.tolds });
    seen.places.add(place);
    seen.last = Math.max(seen.last, place);
    seen.tolds = tolds;
  }
  const missingOf = ({ seen, from, next }) => {
    let missing = 0;
    for (let place = from; place < next; place++) if (!seen.places.has(place)) missing++;
    return missing;
  };
  return holes
    .map((hole) => ({ missing: missingOf(hole), told: hole.told }))
    .filter(({ missing }) => missing > 0);
}

/** Whether something was said behind the last record. */
const isSaidAtEnd = (lines) =>
  lines.findLastIndex(([kind]) => kind === 'told') >
  lines.findLastIndex(([kind]) => kind === 'record');

/** Sums up one number of the grades of all symbols. */
const sum = (grade, name) =>
  Object.values(grade.symbols).reduce((total, one) => total + one[name].count, 0);

/**
 * The verdicts of a run, the worst first, by its lines, what graded them, how its process ended
 * (undefined if it was ended) and when the feed did.
 */
export function verdictsOf({ lines, grade, exit, endMs }) {
  // 0 and 13 are of processes that nothing holds any more: a request that is never settled is none.
  const crashes = exit !== undefined && !/^(0|13):/.test(exit);
  const lastMs = lines.findLast(([kind]) => kind === 'record')?.[1] ?? 0;
  const holes = holesOf(lines);
  const isMissing = (told) => holes.some((hole) => hole.told === told);
  // What is missing before the first record and behind the last is in no hole between two.
  const atEnds = sum(grade, 'missing') > holes.reduce((total, { missing }) => total + missing, 0);
  const wrong = Object.values(grade.symbols).flatMap(({ wrong: { first } }) => first);
  const has = {
    crashes,
    stops: !crashes && endMs - lastMs > STOP_MS,
    'untold gaps': isMissing(false) || (atEnds && !isSaidAtEnd(lines)),
    'told gaps': isMissing(true) || (atEnds && isSaidAtEnd(lines)),
    'wrong prices': wrong.some(({ field }) => field !== 'time'),
    'wrong times': sum(grade, 'offGrid') > 0 || wrong.some(({ field }) => field === 'time'),
    twice: sum(grade, 'twice') > 0,
    'out of order': sum(grade, 'outOfOrder') > 0,
  };
  const found = Object.keys(has).filter((name) => has[name]);
  return found.length === 0 && grade.right ? ['right'] : found;
}

/**
 * The first row of those up to `index` of which something is true that, once it is, stays so: by
 * steps that double, then by halving. `index` is one of them.
 */
export function firstRow(index: number, isTrue: (row: number) => boolean): number {
  let after = index;
  let step = 1;
  while (after > 0 && isTrue(Math.max(0, after - step))) {
    after = Math.max(0, after - step);
    step *= 2;
  }
  // The first one is `after`, or between a step before it and it.
  let before = Math.max(-1, after - step);
  while (after - before > 1) {
    const middle = Math.floor((after + before) / 2);
    if (isTrue(middle)) after = middle;
    else before = middle;
  }
  return after;
}

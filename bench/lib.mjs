/** The median of what `runs` calls of `work` took, in milliseconds, after some that do not count. */
export function medianMs(work, runs = 15, warmUps = 3) {
  for (let i = 0; i < warmUps; i++) work(-1 - i);
  const times = [];
  for (let i = 0; i < runs; i++) {
    const start = process.hrtime.bigint();
    work(i);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return times.sort((a, b) => a - b)[runs >> 1];
}

/** Prints one line of results. */
export function report(what, value, floor) {
  console.log(`${what.padEnd(58)} ${value.padStart(16)}   ${floor}`);
}

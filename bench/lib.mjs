import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';

const FOLDER = new URL('../dist/bench/', import.meta.url);
/** What this benchmark has found, for `dist/bench/<name>.json`. */
const lines = [];
const kept = {};

/** The median of what `runs` calls of `work` took, in milliseconds, after some that do not count. */
export function medianMs(work, runs = 15, warmUps = 3) {
  return interleavedMs({ work }, runs, warmUps).work;
}

/**
 * Of each of several works, the median of what its runs took, in milliseconds. They take turns, so
 * that what disturbs one disturbs all; the first `warmUps` turns do not count.
 */
export function interleavedMs(works, runs = 15, warmUps = 3) {
  const timesMs = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  const inOrder = Object.entries(works);
  // Who comes first finds the caches of the one before: each does in turn.
  const reversed = inOrder.toReversed();
  for (let turn = -warmUps; turn < runs; turn++) {
    for (const [name, work] of turn % 2 === 0 ? inOrder : reversed) {
      const start = process.hrtime.bigint();
      work(turn);
      if (turn >= 0) timesMs[name].push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  return Object.fromEntries(Object.entries(timesMs).map(([name, ms]) => [name, median(ms)]));
}

/**
 * How many times as much of a processor each of several works takes as `base`, one of them: the
 * median of the ratios within a turn. For a machine on which others take half of the time.
 */
export function interleavedRatios(works, base, runs = 15, warmUps = 3) {
  const ratios = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  const inOrder = Object.entries(works);
  const reversed = inOrder.toReversed();
  for (let turn = -warmUps; turn < runs; turn++) {
    const used = {};
    for (const [name, work] of turn % 2 === 0 ? inOrder : reversed) {
      const before = process.cpuUsage();
      work(turn);
      used[name] = process.cpuUsage(before).user;
    }
    if (turn < 0) continue;
    for (const name of Object.keys(works)) ratios[name].push(used[name] / used[base]);
  }
  return Object.fromEntries(Object.entries(ratios).map(([name, each]) => [name, median(each)]));
}

/** Prints one line of results, and keeps it for the table. */
export function report(what, value, goal) {
  lines.push({ what, value, goal });
  console.log(`${what.padEnd(58)} ${value.padStart(16)}   ${goal}`);
}

/** The middle one. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** CPU time of all threads of a process so far, in milliseconds. Linux only. */
export function cpuMsOf(pid) {
  const tasks = `/proc/${pid}/task`;
  const ns = readdirSync(tasks).map((task) => {
    return Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
  });
  return ns.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** Lines under a head, as Markdown that is also read well as it is. */
export function table(head, rows) {
  const widths = head.map((name, n) => Math.max(name.length, ...rows.map((row) => row[n].length)));
  const row = (cells) =>
    `| ${cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n]))).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [row(head), rule, ...rows.map(row)].join('\n');
}

/** Keeps each single measurement beside the lines. */
export function keep(measured) {
  Object.assign(kept, measured);
}

/** Writes a picture beside the numbers. */
export function saveSvg(name, svg) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(new URL(`${name}.svg`, FOLDER), svg);
}

process.on('exit', () => {
  if (lines.length === 0) return;
  mkdirSync(FOLDER, { recursive: true });
  const name = basename(process.argv[1], '.bench.mjs');
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
  const at = new Date().toISOString().slice(0, 10);
  const file = new URL(`${name}.json`, FOLDER);
  writeFileSync(file, `${JSON.stringify({ name, at, machine, lines, ...kept })}\n`);
});

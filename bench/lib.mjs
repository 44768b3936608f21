import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

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

/** The middle one. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Lines under a head, as Markdown that is also read well as it is. */
export function table(head, lines) {
  const widths = head.map((name, n) =>
    Math.max(name.length, ...lines.map((line) => line[n].length)),
  );
  const row = (cells) =>
    `| ${cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n]))).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [row(head), rule, ...lines.map(row)].join('\n');
}

/** Keeps what was measured, and on what, as `dist/bench/<name>.json`. */
export function saveJson(name, measured) {
  const folder = new URL('../dist/bench/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
  const at = new Date().toISOString().slice(0, 10);
  const file = new URL(`${name}.json`, folder);
  writeFileSync(file, `${JSON.stringify({ at, machine, ...measured })}\n`);
  console.log(`Each measurement is in ${fileURLToPath(file)}.`);
}

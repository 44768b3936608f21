/** The results of a survey as Markdown. */
import { readFileSync } from 'node:fs';
import { CLIENTS } from './clients.mjs';
import { versionOf } from './real-client.mjs';
import { VERDICTS } from './verdict.mjs';

const GAPS = new Set(['untold gaps', 'told gaps']);
const own = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version;

/** The package of a client, with its version. */
function packageOf({ library, use }) {
  if (library === 'alpaca-3') return `@alpacahq/alpaca-trade-api ${versionOf(library)}`;
  if (library !== undefined) return `${library} ${versionOf(library)}`;
  if (use.includes('`ws`')) return `ws ${own('../../node_modules/ws/package.json')}`;
  return use.includes('tickwell') ? `tickwell ${own('../../package.json')}` : 'Node';
}

/** How much of what there was is missing, in all runs of a cell together. */
function missingOf(runs) {
  const symbols = runs.flatMap((run) => Object.values(run.symbols));
  const total = (of) => symbols.reduce((sum, one) => sum + of(one), 0);
  const missing = total((one) => one.missing.count);
  const part = (100 * missing) / (missing + total((one) => one.records));
  return `${part < 0.95 ? Math.max(0.1, part).toFixed(1) : Math.round(part)}%`;
}

/** What came of all seeds: each verdict, with how many had it if not all did. */
export function cellOf(runs) {
  if (runs.length === 0) return '';
  const found = Object.keys(VERDICTS).flatMap((verdict) => {
    const count = runs.filter(({ verdicts }) => verdicts.includes(verdict)).length;
    if (count === 0) return [];
    return [count === runs.length ? verdict : `${verdict} (${count} of ${runs.length})`];
  });
  const last = found.findLastIndex((text) => GAPS.has(text.replace(/ \(.*/, '')));
  if (last >= 0) found[last] += `, ${missingOf(runs)}`;
  return found.join('; ');
}

function tableOfSome(names, profiles, results) {
  const head = ['', ...profiles.map((profile) => `\`${profile}\``)];
  const rows = names.map((name) => [
    `${packageOf(CLIENTS[name])}, ${CLIENTS[name].use}`,
    ...profiles.map((profile) =>
      cellOf(results.filter((run) => run.name === name && run.profile === profile)),
    ),
  ]);
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** One table for who follows, one for who asks. */
export function tableOf({ at, machine, minutes, results }) {
  const names = [...new Set(results.map(({ name }) => name))];
  const profiles = [...new Set(results.map(({ profile }) => profile))];
  const isAsking = (name) => CLIENTS[name].isAsking === true;
  const seeds = Math.max(
    ...profiles.map(
      (of) => new Set(results.filter((r) => r.profile === of).map((r) => r.seed)).size,
    ),
  );
  const tables = [names.filter((name) => !isAsking(name)), names.filter(isAsking)]
    .filter((some) => some.length > 0)
    .map((some) => tableOfSome(some, profiles, results));
  return `${at.slice(0, 10)}, ${machine}; ${minutes} minutes, ${seeds} seeds.\n\n${tables.join('\n')}`;
}

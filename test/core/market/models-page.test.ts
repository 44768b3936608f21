import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MODEL_KINDS, parametersOf } from '../../../src/core/market/models/parameters.ts';
import { PRESETS } from '../../../src/core/market/presets/presets.ts';
import { formatDuration } from '../../../src/core/market/resolution.ts';
import { FACTS, type Fact } from '../../../src/core/realism/facts.ts';

const DOCS = new URL('../../../docs/', import.meta.url);
const text = readFileSync(new URL('models.md', DOCS), 'utf8');

/** The part of the page under a title. */
function section(title: string): string {
  const [, rest = ''] = text.split(`\n## ${title}\n`);
  return rest.split('\n## ')[0];
}

/** The cells of the rows of tables. */
function cellsOf(part: string): string[][] {
  return [...part.matchAll(/^\| (.*) \|$/gm)].map(([, row]) =>
    row.split(/ (?<!\\)\| /).map((cell) => cell.replaceAll('\\|', '|')),
  );
}

it.each(MODEL_KINDS)(
  'docs/models.md has %s: a picture, its law, its source, its parameters',
  (kind) => {
    const part = section(kind);
    const [, picture] = /^!\[.+\]\((.+)\)$/m.exec(part) ?? [];
    expect(existsSync(new URL(picture, DOCS))).toBe(true);
    expect(part).toContain('**Law**');
    expect(part).toContain('**Source**');
    const said = cellsOf(part).filter(([name]) => name.startsWith('`'));
    const known = Object.entries(parametersOf(kind)).map(([name, parameter]) => {
      if (parameter.type === 'choice') {
        const options = parameter.options.join(', ');
        return [`\`${name}\``, parameter.options[0], `${parameter.unit}: ${options}`];
      }
      const { fallback, unit, type } = parameter;
      return [
        `\`${name}\``,
        type === 'duration' ? formatDuration(fallback) : String(fallback),
        unit,
      ];
    });
    expect(said).toEqual(known);
    expect(text).toContain(`| [\`${kind}\`](#${kind}) |`);
  },
);

it('docs/models.md has every preset and every fact of the realism report', () => {
  expect(cellsOf(section('Presets')).slice(1)).toEqual(
    Object.entries(PRESETS).map(([name, { title }]) => [`\`${name}\``, title]),
  );
  const facts = cellsOf(section('Realism')).slice(1);
  const rangeOf = ({ low, high }: { low: number | null; high: number | null }) =>
    low === null ? `at most ${high}` : high === null ? `at least ${low}` : `${low} to ${high}`;
  const rangesOf = (fact: Fact) =>
    rangeOf(fact) + (fact.others ? `; no share: ${rangeOf(fact.others)}` : '');
  expect(facts).toEqual(FACTS.map((f) => [f.title, rangesOf(f), f.meaning, f.source]));
});

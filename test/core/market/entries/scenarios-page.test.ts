import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SCENARIO_NAMES, SCENARIOS } from '../../../../src/core/market/entries/scenarios.ts';

const docs = new URL('../../../../docs/', import.meta.url);
const page = readFileSync(new URL('scenarios.md', docs), 'utf8');

describe('docs/scenarios.md', () => {
  it('has a section for each scenario that has a name, and for no other', () => {
    const sections = [...page.matchAll(/^## ([a-z-]+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(SCENARIO_NAMES);
  });

  it.each(SCENARIO_NAMES)('says what %s is as the server does, and shows it', (name) => {
    const [, section = ''] = page.split(`\n## ${name}\n`);
    expect(section.split('\n## ')[0]).toContain(SCENARIOS[name].text);
    expect(section).toContain(`(scenarios/${name}.svg)`);
    expect(existsSync(new URL(`scenarios/${name}.svg`, docs))).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { parseNames } from '../../../src/core/faults/names.ts';
import { FaultProblem } from '../../../src/core/faults/problem.ts';
import { OWN_NAMES, parseProfile } from '../../../src/core/faults/profile.ts';

const fileOf = (profiles: unknown) => JSON.stringify({ profiles });

describe('a file of profiles', () => {
  it('gives names beside our own, which stand for their clauses', () => {
    const names = parseNames(fileOf({ 'bad-day': 'drop:1%,cut@60s', calm: 'off' }));
    expect([...names.keys()]).toEqual([...OWN_NAMES.keys(), 'bad-day', 'calm']);
    expect(parseProfile('bad-day,halfopen@1h', names).text).toBe('drop@1%,cut@1m,halfopen@1h');
    expect(parseProfile('calm', names)).toEqual(parseProfile('off'));
    expect(() => parseProfile('bad-day')).toThrow('unknown fault "bad-day"');
  });

  it('may use our own names in its texts', () => {
    const names = parseNames(fileOf({ worse: 'flaky-wifi,drop@1%' }));
    expect(parseProfile('worse', names)).toEqual(parseProfile('flaky-wifi,drop@1%'));
  });

  it.each([
    ['', 'the file of profiles must be JSON: '],
    ['{', 'the file of profiles must be JSON: '],
    ['{"profiles":\n{}\n,x}', 'the file of profiles must be JSON: '],
    ['[]', 'the file of profiles must be a JSON object; given: []'],
    ['null', 'the file of profiles must be a JSON object; given: null'],
    ['{}', 'profiles is missing: it must be an object of texts'],
    ['{"profiles":[]}', 'profiles must be an object of texts; given: []'],
    ['{"profiles":{},"more":1}', 'the file of profiles has profiles alone; given: "more"'],
    [fileOf({ Bad: 'off' }), 'a name in profiles must be 1 to 32 of a-z 0-9 -; given: Bad'],
    [fileOf({ '': 'off' }), 'a name in profiles must be 1 to 32 of a-z 0-9 -; given: ""'],
    [fileOf({ off: 'drop@1%' }), 'the name "off" in profiles is a word of profiles'],
    [fileOf({ drop: 'drop@1%' }), 'the name "drop" in profiles is a word of profiles'],
    [fileOf({ maintenance: 'off' }), 'the name "maintenance" in profiles is one of our own'],
    [fileOf({ a: 5 }), 'profiles.a must be the text of a profile; given: 5'],
    [fileOf({ a: 'dorp@1%' }), 'profiles.a: unknown fault "dorp"; did you mean "drop"?'],
    [fileOf({ a: 'b', b: 'off' }), 'profiles.a: unknown fault "b"'],
    [
      fileOf(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`n${n}`, 'off']))),
      'profiles must have at most 100 names; given: 101 names',
    ],
  ])('%s is refused', (json, message) => {
    let problem: unknown;
    try {
      parseNames(json);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(FaultProblem);
    expect((problem as Error).message.slice(0, message.length)).toBe(message);
    expect((problem as Error).message).not.toContain('\n');
  });
});

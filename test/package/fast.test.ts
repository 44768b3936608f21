import { describe, expect, it } from 'vitest';
import { fastArgs, testFiles, WHOLE } from '../../scripts/needs.mjs';

describe('the fast tests', () => {
  it('are those that are named and need nothing, and options go on to Vitest', () => {
    const named = fastArgs(['test/core/feed', '-t', 'a name']);
    expect(named).toEqual(['test/core/feed/feed.test.ts', '-t', 'a name']);
    const pattern = ['-t', 'test of x'];
    expect(fastArgs(['test/core/feed', ...pattern])).toEqual([named[0], ...pattern]);
    expect(fastArgs(pattern)).toEqual([...fastArgs([]), ...pattern]);
    const all = fastArgs([]);
    expect(all).toContain('test/wire/binary.test.ts');
    expect(all).not.toContain('test/contract/rows.test.ts');
    expect(all).toContain('test/core/market/walk.test.ts');
    expect(all).not.toContain('test/core/market/models.test.ts');
  });

  it('leave out nothing that is not there', () => {
    const files = testFiles([]);
    const gone = WHOLE.filter(
      (left) => !files.some((path) => path === `test/${left}` || path.startsWith(`test/${left}/`)),
    );
    expect(gone).toEqual([]);
  });

  it('are none of those that need more', () => {
    expect(() => fastArgs(['test/contract/rows'])).toThrow(
      'no unit test is named so; given: test/contract/rows',
    );
  });
});

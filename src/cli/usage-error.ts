/** The exit code that says that the rows to go on from are of another market. */
export const MARKET_CHANGED = 3;

/** Something the user has to put right; `lines` say what, one sentence each. */
export class UsageError extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'UsageError';
    this.lines = lines;
  }
}

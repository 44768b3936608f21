/** A time at which tests are run. */
export interface Time {
  /** What it is when the first server of a test file begins; undefined for the machine's time. */
  readonly at: string | undefined;
  /** The zone of the clock on the wall, for pages that show local time. */
  readonly zone: string;
}

/** When something that bars and their times depend on begins or ends. */
export const TURNS = {
  /** 512 bars of an hour, and those of every narrower resolution. */
  'tile-edge': { at: '2026-06-25T08:00:00Z', zone: 'UTC' },
  midnight: { at: '2026-06-17T00:00:00Z', zone: 'UTC' },
  /** A clock in New York is put back from two to one. */
  'daylight-saving': { at: '2026-11-01T06:00:00Z', zone: 'America/New_York' },
  'year-end': { at: '2027-01-01T00:00:00Z', zone: 'Europe/Berlin' },
  /** The market, with its default origin. */
  begun: { at: '2026-01-01T00:00:00Z', zone: 'UTC' },
} as const;

/** The turn comes while a file of tests runs. */
function before({ at, zone }: { readonly at: string; readonly zone: string }): Time {
  return { at: new Date(Date.parse(at) - 15_000).toISOString(), zone };
}

function after({ at, zone }: { readonly at: string; readonly zone: string }): Time {
  return { at: new Date(Date.parse(at) + 7_000).toISOString(), zone };
}

/** One like most others, and the turns. */
const TIMES: Readonly<Record<string, Time>> = {
  ordinary: { at: '2026-06-17T14:07:23Z', zone: 'UTC' },
  'tile-edge': after(TURNS['tile-edge']),
  midnight: before(TURNS.midnight),
  'daylight-saving': before(TURNS['daylight-saving']),
  'year-end': before(TURNS['year-end']),
  begun: after(TURNS.begun),
  /** Whatever it is now and here. */
  real: { at: undefined, zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
};

/** The time that TEST_TIME names, an ordinary one without it. */
export function timeOfRun(): Time {
  const name = process.env.TEST_TIME ?? 'ordinary';
  const time = TIMES[name];
  if (time !== undefined) return time;
  throw new Error(`TEST_TIME must be one of ${Object.keys(TIMES).join(', ')}; given: ${name}`);
}

/** A time at which tests are run. */
export interface Time {
  /** What it is when the first server of a test file begins; undefined for the machine's time. */
  readonly at: string | undefined;
  /** The zone of the clock on the wall, for pages that show local time. */
  readonly zone: string;
}

const NEW_YORK = 'America/New_York';

/** One like most others, and those at which something begins or ends. */
export const TIMES = {
  ordinary: { at: '2026-06-17T14:07:23Z', zone: 'UTC' },
  /** 512 bars of an hour have just begun, and so have those of every narrower resolution. */
  'tile-edge': { at: '2026-06-25T08:00:07Z', zone: 'UTC' },
  midnight: { at: '2026-06-16T23:59:45Z', zone: 'UTC' },
  /** A clock in New York is put back from two to one. */
  'daylight-saving': { at: '2026-11-01T05:59:45Z', zone: NEW_YORK },
  'year-end': { at: '2026-12-31T23:59:45Z', zone: NEW_YORK },
  /** A few rows after the usual origin. */
  begun: { at: '2026-01-01T00:00:05Z', zone: 'UTC' },
  /** Whatever it is now and here. */
  real: { at: undefined, zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
} as const satisfies Readonly<Record<string, Time>>;

/** The time that TEST_TIME names, an ordinary one without it. */
export function timeOfRun(): Time {
  const name = process.env.TEST_TIME ?? 'ordinary';
  const time = (TIMES as Readonly<Record<string, Time>>)[name];
  if (time !== undefined) return time;
  throw new Error(`TEST_TIME must be one of ${Object.keys(TIMES).join(', ')}; given: ${name}`);
}

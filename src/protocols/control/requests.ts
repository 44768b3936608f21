import { hash } from 'node:crypto';
import type { Fields } from '../../core/market/check.ts';
import { KEY } from '../../core/market/entries/entry.ts';
import { checkEvent, checkScenario, type Requested } from '../../core/market/entries/requested.ts';
import { quoted, ruleBroken } from '../../core/market/quoted.ts';
import { parseTime } from '../../core/market/time.ts';
import { checkClockChange } from '../../core/timeline/clock-change.ts';
import type { Timeline } from '../../core/timeline/timeline.ts';
import type { ClockWish, Wish } from '../../host/control/director.ts';
import { TickwellError } from '../../wire/errors.ts';

const LATEST_MS = parseTime('9999-12-31')!;

/** What a body asks for; throws a `TickwellError` on what is wrong with it. */
export type Parse = (body: unknown, timeline: Timeline) => Wish;

export const eventOf: Parse = (body, timeline) =>
  wishOf('event', body, (fields) => checkEvent(fields, timeline));

export const scenarioOf: Parse = (body, timeline) =>
  wishOf('scenario', body, (fields) => checkScenario(fields, timeline));

/** What a body wants done to the time of the market. */
export function turnOf(body: unknown): ClockWish {
  const { key, ...fields } = fieldsOf(body);
  const check = checkClockChange(fields);
  if (!check.ok) throw new TickwellError('bad_request', check.problem);
  const named = key === undefined ? {} : { key: keyOf(key) };
  return { change: check.change, digest: digestOf(['clock', fields]), ...named };
}

function fieldsOf(body: unknown): Fields {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields;
  throw new TickwellError('bad_request', ruleBroken('the body', 'must be an object', body));
}

/** `kind` is what is asked for: the same words may mean another thing of another. */
function wishOf(kind: string, body: unknown, check: (fields: Fields) => Requested): Wish {
  const { key, at, ...fields } = fieldsOf(body);
  const asked = check(fields);
  if (!asked.ok) throw problemOf(asked.problems[0]!);
  const { name, effects } = asked;
  return {
    effects,
    ...(key === undefined ? {} : { key: keyOf(key) }),
    ...(at === undefined ? {} : { atMs: timeOf(at) }),
    ...(name === undefined ? {} : { name }),
    // Last: what was found right is not nested deeper than there is a stack for.
    digest: digestOf([kind, at, fields]),
  };
}

function problemOf({ message }: { readonly message: string }): TickwellError {
  const code = message.startsWith('unknown symbol ') ? 'unknown_symbol' : 'bad_request';
  return new TickwellError(code, message);
}

function keyOf(key: unknown): string {
  if (typeof key === 'string' && KEY.test(key)) return key;
  const rule = 'key must be 1 to 64 of A-Z a-z 0-9 . _ : -';
  throw new TickwellError('bad_request', `${rule}; given: ${quoted(key)}`);
}

function timeOf(at: unknown): number {
  const ms = typeof at === 'string' ? parseTime(at) : at;
  if (Number.isSafeInteger(ms) && (ms as number) <= LATEST_MS) return ms as number;
  const rule =
    'at must be RFC 3339 text with a zone, a date, or ms since 1970, up to the year 9999';
  throw new TickwellError('bad_request', `${rule}; given: ${quoted(at)}`);
}

/** The same for whatever says the same, in whatever order. */
function digestOf(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(entries);
  });
  return hash('sha256', text, 'hex').slice(0, 32);
}

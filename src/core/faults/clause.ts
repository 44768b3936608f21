import { inQuotes } from '../market/quoted.ts';
import { formatDuration, parseDuration, UNIT_MS } from '../market/resolution.ts';
import { unknownName } from '../market/unknown.ts';
import {
  DEFAULT_CLOSE_CODE,
  FAULT_KINDS,
  type FaultKind,
  isCloseCode,
  isFaultKind,
  takesOf,
} from './kinds.ts';
import { FaultProblem, refuse } from './problem.ts';

/** When a clause strikes. */
export type When =
  /** At so many of a million rows. */
  | { readonly unit: 'rate'; readonly perMillion: number }
  /** At each first row at or after a multiple of so much market time since the Unix epoch. */
  | { readonly unit: 'period'; readonly ms: number }
  /** From the start of a connection on. */
  | { readonly unit: 'always' };

/** What a clause says of its kind. */
export type How =
  | { readonly what: 'nothing' }
  /** Whole milliseconds, both ends included. */
  | {
      readonly what: 'time';
      readonly fromMs: number;
      readonly toMs: number;
      readonly word?: string;
    }
  | { readonly what: 'forms'; readonly forms: readonly string[] }
  | { readonly what: 'code'; readonly code: number }
  | { readonly what: 'pace'; readonly bytesPerSecond: number };

/** One fault of a profile: what is done, and when. */
export interface Clause {
  readonly kind: FaultKind;
  readonly how: How;
  readonly when: When;
  /** In its one canonical form. */
  readonly text: string;
}

/** The longest that a row, a connection or an answer is held up, or that a time is off by. */
export const LONGEST_MS = UNIT_MS.h;
/** The longest period. */
const LONGEST_PERIOD_MS = 4 * UNIT_MS.w;
const MILLION = 1_000_000;
/** Parts per million in one percent. */
const PERCENT = MILLION / 100;
const MOST_BYTES_PER_SECOND = 1_000_000_000;

const PERCENTAGE = /^(\d{1,3})(?:\.(\d{1,4}))?%$/;
const BYTES = { B: 1, kB: 1000, MB: 1_000_000 } as const;
const PACE = /^(\d{1,9})(?:\.(\d{1,3}))?(B|kB|MB)(?:\/s)?$/;

/**
 * The clause that `text` is, `kind[:how[+how...]][@when]`; `where` names it in a sentence, and
 * `names` are what else might have been meant. Throws a `FaultProblem`.
 */
export function parseClause(text: string, where: string, names: readonly string[]): Clause {
  const [head = '', said, ...more] = text.split('@');
  if (more.length > 0) refuse(where, 'must have one @', text);
  const colon = head.indexOf(':');
  const kind = colon < 0 ? head : head.slice(0, colon);
  if (kind === '') refuse(where, 'must begin with a kind of fault', text);
  if (!isFaultKind(kind)) throw unknownKind(kind, names);
  // A form decodes the plus of a URL as a space.
  const parts = colon < 0 ? [] : head.slice(colon + 1).split(/[+ ]/);
  // `drop:1%` is what many write first.
  const isRateLast = said === undefined && parts.at(-1)?.endsWith('%') === true;
  const when = parseWhen(isRateLast ? parts.pop() : said, kind, where, text);
  const how = parseHow(kind, parts, where);
  return { kind, how, when, text: `${kind}${textOfHow(kind, how)}${textOfWhen(when)}` };
}

function unknownKind(name: string, names: readonly string[]): FaultProblem {
  const known = [...FAULT_KINDS, ...names];
  const see = `there are ${known.join(', ')}`;
  return new FaultProblem(unknownName({ kind: 'fault', name, known, see }));
}

function parseWhen(text: string | undefined, kind: FaultKind, where: string, whole: string): When {
  const field = `when of ${kind} in ${where}`;
  if (text === undefined) {
    if (kind === 'throttle') return { unit: 'always' };
    return refuse(where, 'must say when, such as @1% of rows or @30s of market time', whole);
  }
  const [, percent, fraction = ''] = PERCENTAGE.exec(text) ?? [];
  if (percent !== undefined) {
    const perMillion = Number(percent) * PERCENT + Number(fraction.padEnd(4, '0'));
    if (perMillion >= 1 && perMillion <= MILLION) return { unit: 'rate', perMillion };
  }
  if (text.endsWith('%')) {
    return refuse(field, 'must be from 0.0001% to 100%, with four decimals at the most', text);
  }
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1 && ms <= LONGEST_PERIOD_MS) return { unit: 'period', ms };
  return refuse(field, 'must be a rate such as 1%, or a period from 1ms to 4w such as 30s', text);
}

function textOfWhen(when: When): string {
  if (when.unit === 'always') return '';
  if (when.unit === 'period') return `@${formatDuration(when.ms)}`;
  const whole = Math.floor(when.perMillion / PERCENT);
  const rest = when.perMillion % PERCENT;
  const decimals = rest === 0 ? '' : `.${String(rest).padStart(4, '0').replace(/0+$/, '')}`;
  return `@${whole}${decimals}%`;
}

function parseHow(kind: FaultKind, parts: readonly string[], where: string): How {
  const takes = takesOf(kind);
  const field = `how of ${kind} in ${where}`;
  const all = parts.join('+');
  switch (takes.what) {
    case 'nothing':
      return parts.length === 0 ? takes : refuse(field, 'must be left out', all);
    case 'time':
      return parseTimes(parts, takes.words, field);
    case 'forms':
      return parseForms(kind, parts, takes.forms, field);
    case 'code': {
      if (parts.length === 0) return { what: 'code', code: DEFAULT_CLOSE_CODE };
      const code = /^\d{4}$/.test(all) ? Number(all) : 0;
      if (isCloseCode(code)) return { what: 'code', code };
      return refuse(field, 'must be a code that may be sent, 1000-1014 or 3000-4999', all);
    }
    case 'pace': {
      const bytesPerSecond = paceOf(all);
      if (bytesPerSecond !== undefined) return { what: 'pace', bytesPerSecond };
      return refuse(field, 'must be from 1B/s to 1000MB/s, such as 2kB/s', all);
    }
  }
}

function parseTimes(parts: readonly string[], words: readonly string[], field: string): How {
  const [range = '', word, ...more] = parts;
  const [from, to = from, ...others] = range.split('-');
  const fromMs = parseDuration(from) ?? 0;
  const toMs = parseDuration(to) ?? 0;
  const isRange = others.length === 0 && fromMs >= 1 && fromMs <= toMs && toMs <= LONGEST_MS;
  if (!isRange) refuse(field, 'must be a time from 1ms to 1h or a range such as 200ms-2s', range);
  if (word === undefined) return { what: 'time', fromMs, toMs };
  if (words.length === 0) refuse(field, 'must be one time', parts.join('+'));
  if (!words.includes(word)) refuse(field, `must end with +${words.join(' or +')}`, word);
  if (more.length > 0) refuse(field, 'must be one time and one word', parts.join('+'));
  return { what: 'time', fromMs, toMs, word };
}

function parseForms(
  kind: FaultKind,
  parts: readonly string[],
  forms: readonly string[],
  field: string,
): How {
  for (const [n, part] of parts.entries()) {
    if (!forms.includes(part)) {
      throw new FaultProblem(unknownName({ kind: 'form', name: part, known: forms, of: kind }));
    }
    if (parts.indexOf(part) !== n)
      refuse(field, `must have ${inQuotes(part)} once`, parts.join('+'));
  }
  // The order in which they are drawn from is that of the kind, whatever the order here.
  return {
    what: 'forms',
    forms: parts.length === 0 ? forms : forms.filter((form) => parts.includes(form)),
  };
}

function paceOf(text: string): number | undefined {
  const [, whole, decimals = '', unit] = PACE.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const thousandths = Number(whole) * 1000 + Number(decimals.padEnd(3, '0'));
  const bytes = (thousandths * BYTES[unit as keyof typeof BYTES]) / 1000;
  return Number.isInteger(bytes) && bytes >= 1 && bytes <= MOST_BYTES_PER_SECOND
    ? bytes
    : undefined;
}

function textOfHow(kind: FaultKind, how: How): string {
  switch (how.what) {
    case 'nothing':
      return '';
    case 'time': {
      const from = formatDuration(how.fromMs);
      const range = how.fromMs === how.toMs ? from : `${from}-${formatDuration(how.toMs)}`;
      return `:${range}${how.word === undefined ? '' : `+${how.word}`}`;
    }
    case 'forms': {
      const takes = takesOf(kind);
      const isAll = takes.what === 'forms' && how.forms.length === takes.forms.length;
      return isAll ? '' : `:${how.forms.join('+')}`;
    }
    case 'code':
      return `:${how.code}`;
    case 'pace': {
      const [unit, bytes] = Object.entries(BYTES)
        .reverse()
        .find(([, bytes]) => how.bytesPerSecond % bytes === 0)!;
      return `:${how.bytesPerSecond / bytes}${unit}/s`;
    }
  }
}

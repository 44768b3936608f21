/**
 * docs/faults.md, "How a strike is decided", written down a second time: from the document, one row
 * after another, and in whole numbers without bound. Slow, and only for tests.
 */
import { T, type Words } from './reference.ts';

const TWO_31 = 2n ** 31n;
const TWO_32 = 2n ** 32n;

export interface World {
  readonly originMs: number;
  readonly intervalMs: number;
  readonly symbols: readonly string[];
}

/** Forms in the order of the tables. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  corrupt: ['ticks', 'negative', 'zero', 'null', 'string', 'nan', 'other'],
  garbage: ['text', 'half'],
  status: ['429', '500', '502', '503'],
};
const OF_SYMBOLS = ['corrupt', 'stale'];
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The texts of garbage, as the document lists them. */
export function textsOf(document: string): string[] {
  const [, block] = /texts of `garbage`, from number 0:\n\n```\n([\s\S]*?)\n```/.exec(document)!;
  return block.split('\n');
}

function msOf(text: string): number {
  const [, count, unit] = /^(\d+)([a-z]+)$/.exec(text)!;
  return Number(count) * UNITS[unit];
}

/** `K` of prices.md, section 2, of any text. */
function keyOf(seed: bigint, text: string): Words {
  let key: Words = [Number(seed % TWO_32), Number(seed / TWO_32)];
  const bytes = new Uint8Array(Math.ceil(text.length / 8) * 8);
  bytes.set(new TextEncoder().encode(text));
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 8) {
    key = T(key, view.getUint32(at, true), view.getUint32(at + 4, true));
  }
  return T(key, text.length, 0xffffffff);
}

function below(word: number, count: number): number {
  return Number(((BigInt(word) / 2n) * BigInt(count)) / TWO_31);
}

/** What strikes row `index` of a profile in canonical form, as text, in the order of a ledger. */
export function strikesOf(
  profile: string,
  seed: bigint,
  { originMs, intervalMs, symbols }: World,
  texts: readonly string[],
  index: bigint,
): string[] {
  const found: string[] = [];
  const clauses = profile.split(',').map((clause, place) => {
    const [, kind, how = '', when = ''] = /^(\w+)(?::([^@]*))?(?:@(.*))?$/.exec(clause)!;
    return { kind, how, when, place };
  });
  const timeMs = BigInt(originMs) + index * BigInt(intervalMs);
  for (const who of ['*', ...symbols]) {
    for (const { kind, how, when, place } of clauses) {
      if (OF_SYMBOLS.includes(kind) !== (who !== '*') || when === '') continue;
      const ordinal = clauses.slice(0, place).filter((other) => other.kind === kind).length;
      const key = keyOf(seed, `fault ${kind} ${ordinal} ${who}`);
      const [low, high] = [Number(index % TWO_32), Number(index / TWO_32)];
      const [w0, w1] = T(key, low, high);
      const [w2, w3] = T(key, low, high + 65_536);
      if (when.endsWith('%')) {
        const [whole, decimals = ''] = when.slice(0, -1).split('.');
        const millionths = BigInt(whole + decimals.padEnd(4, '0'));
        if (BigInt(w0) >= (millionths * TWO_32) / 1_000_000n) continue;
      } else {
        const period = BigInt(msOf(when));
        if (timeMs / period === (timeMs - BigInt(intervalMs)) / period) continue;
      }
      const said = drawn(kind, how, [w1, w2, w3], who, symbols, texts);
      found.push([index, who, place, kind, ...said].join(' '));
    }
  }
  return found;
}

function drawn(
  kind: string,
  how: string,
  [w1, w2, w3]: readonly [number, number, number],
  symbol: string,
  symbols: readonly string[],
  texts: readonly string[],
): (string | number)[] {
  const all = FORMS[kind];
  if (all !== undefined) {
    const forms = how === '' ? all : how.split('+');
    const form = forms[below(w1, forms.length)];
    const others = symbols.filter((other) => other !== symbol);
    if (form === 'other' && others.length > 0) return [form, others[below(w2, others.length)]];
    if (form === 'ticks' || form === 'other') {
      return ['ticks', (1 + below(w2, 100)) * (w3 < 2 ** 31 ? 1 : -1)];
    }
    if (form === 'text') return [form, texts[below(w2, 6)]];
    if (form === '429' || form === '503') return [form, 1 + below(w2, 5)];
    return [form];
  }
  if (kind === 'close' || how === '') return how === '' ? [] : [how];
  if (kind === 'throttle') {
    const [, count, unit] = /^(\d+)(B|kB|MB)\/s$/.exec(how)!;
    return [Number(count) * { B: 1, kB: 1000, MB: 1_000_000 }[unit]!];
  }
  const [range, word] = how.split('+');
  const [from, to = from] = range.split('-').map(msOf);
  const ms = from + below(w1, to - from + 1);
  if (kind === 'skew') {
    const isAhead = word === undefined ? w2 < 2 ** 31 : word === 'ahead';
    return [isAhead ? ms : -ms];
  }
  return word === undefined ? [ms] : [ms, word];
}

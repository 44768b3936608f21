import { DTYPES, type Dtype, newPrices } from '../../src/core/market/dtype.ts';
import {
  DEFAULT_FIELDS,
  dtypeOfField,
  FIELDS as ROW_FIELDS,
} from '../../src/core/market/fields.ts';
import {
  formatDuration,
  MAX_RESOLUTION_MS,
  parseDuration,
  parseResolution,
} from '../../src/core/market/resolution.ts';
import { checkSpec, describeSpec } from '../../src/core/market/spec.ts';
import { formatTime, parseTime } from '../../src/core/market/time.ts';
import { fillRowsHead, parseRows, ROWS_HEAD_BYTES, valuesBytes } from '../../src/wire/binary.ts';
import { anyNumber, anyText, anyValue, Chance, mutated, mutatedBytes } from './chance.ts';
import { must } from './expect.ts';
import type { Target } from './fuzz.ts';

const two = (n: number) => String(n).padStart(2, '0');

/** Text that is a time, or nearly. */
export function timeText(chance: Chance): string {
  if (chance.once(8)) return anyText(chance);
  const date = `${String(chance.below(10_000)).padStart(4, '0')}-${two(chance.below(14))}`;
  const clock = [chance.below(25), chance.below(61), chance.below(61)].map(two).join(':');
  const fraction = chance.once(3) ? `.${'0123456789'.slice(0, chance.below(11))}` : '';
  const zone = chance.pick(['Z', 'z', '', `+${two(chance.below(25))}:${two(chance.below(61))}`]);
  const day = `${date}-${two(chance.below(33))}`;
  const text = chance.once(4) ? day : day + chance.pick(['T', 't', ' ']) + clock + fraction + zone;
  return chance.once(2) ? text : mutated(chance, text);
}

export function durationText(chance: Chance): string {
  const number = chance.once(4) ? String(anyNumber(chance)) : String(chance.below(2000));
  const text = number + chance.pick(['ms', 's', 'm', 'h', 'd', 'w', 'y', '']);
  return chance.once(2) ? text : mutated(chance, text);
}

const time: Target = {
  name: 'parseTime',
  weight: 8,
  run(chance) {
    const text = timeText(chance);
    const ms = parseTime(text);
    if (ms === undefined) return;
    // What V8 takes such text for, once it is in the form that it knows.
    const [, day, clock = '00:00:00', fraction = '', zone = 'Z'] =
      /^(.{10})(?:.([\d:]{8})(?:\.(\d+))?(.+))?$/.exec(text) ?? [];
    const plain = `${day}T${clock}.${fraction.slice(0, 3).padEnd(3, '0')}${zone.toUpperCase()}`;
    must(ms === Date.parse(plain), `${ms} is the time`, text);
    if (ms >= Date.parse('0000-01-01') && ms <= Date.parse('9999-12-31')) {
      must(parseTime(formatTime(ms)) === ms, `${ms} comes back from its text`, text);
    }
  },
};

const duration: Target = {
  name: 'parseDuration and parseResolution',
  weight: 8,
  run(chance) {
    const text = durationText(chance);
    const ms = parseDuration(text);
    const resolution = parseResolution(text);
    if (resolution !== undefined) {
      const { startOf, numberOf } = resolution;
      const number = chance.below(2000) - 1000;
      must(numberOf(startOf(number)) === number, `candle ${number} holds its start`, text);
      must(numberOf(startOf(number) - 1) === number - 1, `and no time before`, text);
    }
    if (ms === undefined) {
      must(resolution === undefined || /(mo|y)$/.test(text), 'it is of the calendar', text);
      return;
    }
    must(Number.isInteger(ms) && ms >= 0, `${ms} is whole`, text);
    const isResolution = ms >= 1 && ms <= MAX_RESOLUTION_MS;
    must((resolution?.ms === ms) === isResolution, `${ms} is in range`, text);
    if (isResolution) must(parseDuration(formatDuration(ms)) === ms, 'it comes back', text);
  },
};

const FIELDS = 'symbol name model drift volatility tickSize startPrice'.split(' ');
const GOOD: Readonly<Record<string, (chance: Chance) => unknown>> = {
  seed: (chance) => chance.below(1000),
  origin: timeText,
  interval: durationText,
  dtype: (chance) => chance.pick(Object.keys(DTYPES)),
  capacity: (chance) => 1 + chance.below(1000),
  // More would be right, and take long.
  count: (chance) => chance.pick([chance.below(30), 0, -1, 1.5, 100_001, '5', null]),
  pattern: (chance) => mutated(chance, 'T{}'),
  defaults: anyInstrument,
  instruments: (chance) => chance.list(6, () => anyInstrument(chance)),
};
const GOOD_INSTRUMENT: Readonly<Record<string, (chance: Chance) => unknown>> = {
  symbol: (chance) => `S${chance.below(9)}`,
  name: anyText,
  model: (chance) => chance.pick(['walk', 'gbm', 'gbn']),
  drift: (chance) => chance.next() * 2 - 1,
  volatility: (chance) => chance.next(),
  tickSize: (chance) => chance.pick([0.01, 0.25, 1, 1e-9, 3]),
  startPrice: (chance) => chance.below(1000),
};

function anyInstrument(chance: Chance): unknown {
  if (chance.once(20)) return anyValue(chance);
  if (chance.once(5)) return `S${chance.below(9)}`;
  return fieldsOf(chance, FIELDS, GOOD_INSTRUMENT, 2);
}

function fieldsOf(
  chance: Chance,
  names: readonly string[],
  good: Readonly<Record<string, (chance: Chance) => unknown>>,
  times: number,
): object {
  const fields = names.filter(() => chance.once(times));
  if (chance.once(30)) fields.push(anyText(chance));
  return Object.fromEntries(
    fields.map((name) => {
      const make = Object.hasOwn(good, name) ? good[name] : undefined;
      const isWild = make === undefined || (chance.once(12) && name !== 'count');
      return [name, isWild ? anyValue(chance) : make(chance)];
    }),
  );
}

const spec: Target = {
  name: 'checkSpec',
  weight: 1,
  run(chance) {
    const input = chance.once(20) ? anyValue(chance) : fieldsOf(chance, Object.keys(GOOD), GOOD, 4);
    const check = checkSpec(input);
    if (!check.ok) {
      must(check.problems.length > 0, 'what is wrong is said', input);
      for (const { path, message } of check.problems) {
        const isOfValue = / is missing: it must |; given: /.test(message);
        const [whose = ''] = /^(defaults|instruments\[\d+\])(?=\.)/.exec(path) ?? [];
        const isOfName = /^unknown \w+ "/.test(message) && message.includes(whose);
        const isSentence = (isOfValue && message.startsWith(path || 'the spec')) || isOfName;
        must(isSentence, `"${message}" is about ${path}`, input);
      }
      return;
    }
    const again = checkSpec(describeSpec(check.spec));
    must(again.ok, 'what is right stays right when it is written down', input);
    const texts = [check, again].map((it) => JSON.stringify(it));
    must(texts[0] === texts[1], `${texts[1]} is the same as before, ${texts[0]}`, input);
  },
};

/** A frame of rows as a server writes it, but for its times, which may be any number. */
function rowsFrame(chance: Chance): Uint8Array {
  const dtype = chance.pick(Object.keys(DTYPES) as Dtype[]);
  const [rows, columns] = [chance.below(5), chance.below(5)];
  const named = ROW_FIELDS.filter(() => chance.once(2));
  const fields = named.length === 0 ? DEFAULT_FIELDS : named;
  const values = fields.flatMap((field) =>
    Array.from({ length: columns }, () =>
      newPrices(dtypeOfField(field, dtype), rows).map(() => chance.below(200)),
    ),
  );
  const head = new Uint8Array(ROWS_HEAD_BYTES);
  const since = chance.once(4) ? anyNumber(chance) : chance.below(2 ** 41);
  const [id, until] = [chance.below(2 ** 32), since + rows * 1000];
  const lagRows = anyNumber(chance);
  fillRowsHead(head, { dtype, fields, id, since, until, rows, columns, lagRows });
  return Buffer.concat([head, valuesBytes(fields, values)]);
}

const FRAMES = Array.from({ length: 300 }, (_, seed) => rowsFrame(new Chance(seed)));

const rows: Target = {
  name: 'parseRows',
  weight: 10,
  run(chance) {
    const right = chance.pick(FRAMES);
    const bytes = mutatedBytes(chance, right);
    // Somewhere in a larger buffer, as sockets have them.
    const at = chance.below(9);
    const frame = new Uint8Array(at + bytes.length).subarray(at);
    frame.set(bytes);

    const parsed = parseRows(frame);
    if (parsed === undefined) {
      const view = new DataView(right.buffer, right.byteOffset);
      const isRight = [8, 16].every((place) => Number.isSafeInteger(view.getFloat64(place, true)));
      const isSame = Buffer.compare(right, frame) === 0;
      must(!(isRight && isSame), 'a right frame is taken', [...frame]);
      return;
    }
    const again = new Uint8Array(ROWS_HEAD_BYTES);
    fillRowsHead(again, parsed);
    // What is reserved is not looked at, and last alone may also be said as one of many fields.
    again[2] = frame[2]!;
    again.set(frame.subarray(36, 40), 36);
    const encoded = Buffer.concat([again, valuesBytes(parsed.fields, parsed.values.flat())]);
    must(Buffer.compare(encoded, frame) === 0, 'what is taken is what was sent', [...frame]);
  },
};

export const CORE_TARGETS: readonly Target[] = [time, duration, spec, rows];

import type { IncomingMessage, Server } from 'node:http';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { FAULT_KINDS } from '../../src/core/faults/kinds.ts';
import { parseNames } from '../../src/core/faults/names.ts';
import { OWN_PROFILES } from '../../src/core/faults/own.ts';
import { FaultProblem } from '../../src/core/faults/problem.ts';
import { parseFaults } from '../../src/core/faults/profile.ts';
import type { Market } from '../../src/core/market/market.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { faultsOf, takeFaults } from '../../src/host/faults/asked-faults.ts';
import { FaultSettings } from '../../src/host/faults/fault-settings.ts';
import { loadArrow } from '../../src/protocols/tickwell/formats/arrow-library.ts';
import { TickwellError } from '../../src/wire/errors.ts';
import { gradeOf } from '../helpers/grading.ts';
import { pricesOf } from '../helpers/market.ts';
import { anyText, anyValue, type Chance, mutated, mutatedBytes } from './chance.ts';
import { durationText } from './core-targets.ts';
import { must, unlessRefused } from './expect.ts';
import type { Target } from './fuzz.ts';

/** What `parse` gives; undefined if it says in one sentence what is wrong. */
function unlessProblem<T>(parse: () => T, input: unknown): T | undefined {
  try {
    return parse();
  } catch (error) {
    must(error instanceof FaultProblem, `a refusal is a FaultProblem, not ${error}`, input);
    const { message } = error as Error;
    const isSentence =
      /; given: |(^|: )unknown \w+ ".*"|must be JSON: | is (missing: it|one of our|a word of)|there are drop, /s;
    must(isSentence.test(message), `"${message}" says what was given`, input);
    must(message.length < 400 && !message.includes('\n'), `"${message}" is short`, input);
    return undefined;
  }
}

/** What `parse` gives; undefined if a line is wrong, and is told so. */
function unlessWrongLine<T>(parse: () => T, input: unknown): T | undefined {
  return unlessRefused(() => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof TickwellError)) throw error;
      throw new TickwellError(error.code, error.message.replace(/^line \d+: /, ''));
    }
  }, input);
}

const FORMS = ['ticks', 'null+zero', 'text', 'half', '429+503', '1012', '2kB/s', 'ahead', ''];

/** Text that is a profile, or nearly. */
function profileText(chance: Chance): string {
  const clauses = chance.list(5, () => {
    if (chance.once(6)) return chance.pick(OWN_PROFILES).name;
    const how = chance.pick(['', `:${durationText(chance)}`, `:${chance.pick(FORMS)}`]);
    const rate = `${chance.below(120)}${chance.once(3) ? `.${chance.below(99_999)}` : ''}%`;
    const when = chance.pick([`@${rate}`, `@${durationText(chance)}`, '@1%', ':1%', '']);
    return chance.pick(FAULT_KINDS) + how + when;
  });
  const seed = chance.once(3) ? `:${chance.pick([chance.below(1e9), 2 ** 53, '', 'x'])}` : '';
  const text = clauses.join(chance.pick([',', ', '])) + seed;
  return chance.once(3) ? mutated(chance, text) : text;
}

const profile: Target = {
  name: 'profiles',
  weight: 10,
  run(chance) {
    const text = chance.once(20) ? anyText(chance) : profileText(chance);
    const faults = unlessProblem(() => parseFaults(text), text);
    if (faults === undefined) return;
    const { profile: known, seed } = faults;
    must(Number.isSafeInteger(seed) && seed >= 0, `${seed} is a seed`, text);
    const again = unlessProblem(() => parseFaults(`${known.text}:${seed}`), text);
    must(again !== undefined, `${known.text} is a profile`, text);
    must(again!.profile.text === known.text, `${again!.profile.text} is ${known.text}`, text);
    must(JSON.stringify(again) === JSON.stringify(faults), 'it is the same', text);
  },
};

const names: Target = {
  name: 'files of profiles',
  weight: 3,
  run(chance) {
    const entries = chance.list(3, () => {
      const name = chance.once(4) ? anyText(chance) : `name-${chance.below(9)}`;
      return [name, chance.once(8) ? anyValue(chance) : profileText(chance)];
    });
    const file = { profiles: Object.fromEntries(entries), ...(chance.once(9) && { more: 1 }) };
    const text = JSON.stringify(chance.once(9) ? anyValue(chance) : file) ?? '';
    const json = chance.once(3) ? mutated(chance, text) : text;
    const known = unlessProblem(() => parseNames(json), json);
    for (const [name, clauses] of known ?? []) {
      must(unlessProblem(() => parseFaults(name, known), json) !== undefined, name, json);
      must(unlessProblem(() => parseFaults(clauses), json) !== undefined, clauses, json);
    }
  },
};

// Recordings are graded without a turn in between.
await loadArrow();

const SETTINGS = new FaultSettings();

/** Asks for a target as a server is asked; gives the target that is left, and what it asks for. */
function asking(target: string) {
  let take = (_request: IncomingMessage) => {};
  const prependListener = (_name: string, own: typeof take) => {
    take = own;
  };
  takeFaults({ prependListener } as unknown as Server, SETTINGS);
  const request = { url: target } as IncomingMessage;
  take(request);
  return { url: request.url!, faults: unlessRefused(() => faultsOf(request), target) };
}

const paths: Target = {
  name: 'paths with faults',
  weight: 6,
  run(chance) {
    const text = profileText(chance);
    const own = chance.once(4) ? text : encodeURIComponent(Buffer.from(text).toString());
    const rest = chance.pick(['/v1/rows?last=1', '/v1/stream', '', '?a=1', '/faulty/x/v1', '//a']);
    const query = chance.once(2) ? `${rest.includes('?') ? '&' : '?'}faults=${own}` : '';
    const target = `/faulty/${own}${rest}${query}`;
    // What is not encoded may end the profile early.
    if (own === text || chance.once(2)) {
      const { url } = asking(mutated(chance, target));
      must(typeof url === 'string', 'something is left', target);
      return;
    }
    const { url, faults } = asking(target);
    const left = rest.startsWith('/') ? rest : `/${rest}`;
    if (query === '') must(url === left, `${url} is left`, target);
    else must(faults === undefined || url === left, `${url} is left`, target);
  },
};

/** Recordings of right rows, and what comes of wrong bytes in them. */
function recordings(market: Market): Target {
  const timeline = new Timeline(market);
  const { originMs, intervalMs } = market.grid;
  const ROWS = 40;
  const prices = market.symbols.map((_, column) => pricesOf(market, column, 0, ROWS));
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const timeOf = (row: number) => originMs + row * intervalMs;
  const tall = rows.flatMap((row) =>
    market.symbols.map((symbol, column) => ({
      time: timeOf(row),
      symbol,
      price: prices[column]![row]!,
    })),
  );
  const csv = tall.map(({ time, symbol, price }) => `${time},"${symbol}",${price}\n`);
  const wide = rows.map((row) => [timeOf(row), ...prices.map((own) => own[row])].join());
  const arrow = tableFromArrays({
    time: Float64Array.from(tall, ({ time }) => time),
    symbol: tall.map(({ symbol }) => symbol),
    price: Float64Array.from(tall, ({ price }) => price),
  });
  const RIGHT = {
    csv: [
      Buffer.from(`time,symbol,price\n${csv.join('')}`),
      Buffer.from(`time,${market.symbols.join()}\r\n${wide.join('\r\n')}\r\n`),
    ],
    ndjson: [Buffer.from(tall.map((record) => `${JSON.stringify(record)}\n`).join(''))],
    arrow: [Buffer.from(tableToIPC(arrow, 'stream'))],
  } as const;
  return {
    name: 'recordings',
    weight: 1,
    run(chance) {
      const format = chance.pick(['csv', 'ndjson', 'arrow'] as const);
      const right = chance.pick(RIGHT[format]);
      const bytes = chance.once(9) ? right : Buffer.from(mutatedBytes(chance, right));
      const faults = chance.once(2)
        ? unlessProblem(() => parseFaults('flaky-wifi,bad-vendor'), '')
        : undefined;
      const graded = {
        timeline,
        head: 1000,
        format,
        chunkBytes: 1 + chance.below(3000),
        request: { faults },
      };
      const grade = unlessWrongLine(() => gradeOf(bytes, graded), [...bytes]);
      if (bytes === right) must(grade?.right === true, 'what is right is found right', format);
      if (grade === undefined) return;
      const sums = Object.values(grade.symbols).reduce((sum, { records }) => sum + records, 0);
      const all = sums + grade.unknownSymbols.count + grade.outside;
      must(all === grade.records, `${all} are all ${grade.records} records`, format);
    },
  };
}

export function faultTargets(market: Market): readonly Target[] {
  return [profile, names, paths, recordings(market)];
}

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CLIENTS } from '../../bench/survey/clients.mjs';
import { SPEC, SYMBOLS } from '../../bench/survey/market.mjs';
import { Run, resultOf, trueTimes } from '../../bench/survey/run.mjs';
import { behindTls } from '../../bench/survey/tls.mjs';
import { type RowsServer, startRows } from '../helpers/rows-server.ts';

/**
 * The clients of `bench/survey.mjs`, each in a process of its own, led to a faulty feed by the path that
 * its users would give it: the prefix is kept by each, and what it makes of faults is what
 * docs/faults.md says of it.
 */

const LOADING_MS = 240_000;
const ROWS = 40;
/** Between two rows: none of what is told of one waits for the next. */
const ROW_MS = 200;
/** A few rows of the market alone: each client must have heard of it before they count. */
const ORIGIN = Date.UTC(2026, 2, 2);
const DROPS = 'drop@20%';
const ERRORS = 'status:429+500+503@30%';
/** Those that ask again by themselves, and say nothing of it. */
const PATIENT: readonly string[] = ['spot-rest'];
const SEED = 7;

const names = Object.keys(CLIENTS) as (keyof typeof CLIENTS)[];
const isAsking = (name: keyof typeof CLIENTS) => 'isAsking' in CLIENTS[name];
const streams = names.filter((name) => !isAsking(name));
const asking = names.filter(isAsking);

let server: RowsServer;
let proxy: Awaited<ReturnType<typeof behindTls>>;
const runs = new Map<string, Run>();
const results = new Map<string, Awaited<ReturnType<typeof resultOf>>>();

/** Whether a client was given something of each symbol of rows behind the one of a time. */
const hasHeard = ({ lines }: Run, sinceMs: number) =>
  SYMBOLS.every(({ own }) =>
    lines.some(
      ([kind, , { symbol, time }]) =>
        kind === 'record' && symbol === own && new Date(time).getTime() >= sinceMs + SPEC.interval,
    ),
  );

/** Whether a client that asks has met an error, if it says so. */
const hasMet = ({ name, lines }: Run) =>
  !isAsking(name) || PATIENT.includes(name) || lines.some(([kind]) => kind === 'told');

beforeAll(async () => {
  server = await startRows(
    { ...SPEC, origin: ORIGIN, ...{ capacity: 500, count: undefined } },
    100,
  );
  proxy = await behindTls(server.server.url);
  const where = { url: server.server.url, tls: proxy.url, sinceMs: 0, untilMs: 0 };
  const wanted = [
    ...streams.flatMap((name) => [[name, 'off'] as const, [name, DROPS] as const]),
    ...asking.map((name) => [name, ERRORS] as const),
  ];
  for (const [name, profile] of wanted)
    runs.set(`${name} ${profile}`, new Run(name, profile, SEED, where));
  /** Lets rows come until all clients have heard of those after a time, and met what they are to meet. */
  const heard = (sinceMs: number) =>
    vi.waitFor(
      () => {
        server.rows(1);
        const deaf = [...runs].filter(([, run]) => !hasHeard(run, sinceMs) || !hasMet(run));
        expect(deaf.map(([key, { errors }]) => [key, errors])).toEqual([]);
      },
      { timeout: LOADING_MS, interval: ROW_MS },
    );
  await heard(0);
  where.sinceMs = server.newest();
  where.untilMs = where.sinceMs + ROWS * SPEC.interval;
  await heard(where.untilMs);
  const times = await trueTimes(where);
  for (const [key, run] of runs) {
    await run.stop();
    results.set(key, await resultOf(run, Date.now(), times));
  }
}, 2 * LOADING_MS);

afterAll(async () => {
  await Promise.all([...runs.values()].map((run) => run.stop()));
  await proxy?.close();
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Differences that no strike has caused. */
const NO_EXCUSE = { missing: 0, twice: 0, outOfOrder: 0, wrong: 0, offGrid: 0, tooLate: 0 };

describe.each(streams)('%s', (name) => {
  it('is right below /faulty/off', () => {
    const { verdicts, symbols } = results.get(`${name} off`)!;
    expect(verdicts, JSON.stringify(symbols)).toEqual(['right']);
  });

  it('has what is not dropped below a profile, and no client but ours notices', () => {
    const { verdicts, faults } = results.get(`${name} ${DROPS}`)!;
    const { strikes, notRecovered } = faults.kinds.drop;
    expect(strikes).toBeGreaterThan(4);
    expect(faults.noExcuse).toEqual(NO_EXCUSE);
    expect(verdicts).toEqual([name === 'tickwell' ? 'right' : 'untold gaps']);
    expect(notRecovered).toBe(name === 'tickwell' ? 0 : strikes);
  });
});

describe.each(asking)('%s', (name) => {
  it('tells errors below a profile, unless it asks again by itself, and is right in the end', () => {
    const { verdicts, told, symbols } = results.get(`${name} ${ERRORS}`)!;
    if (!PATIENT.includes(name)) expect(told).toBeGreaterThan(0);
    expect(verdicts, JSON.stringify(symbols)).toEqual(['right']);
  });
});

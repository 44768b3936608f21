import { afterEach, describe, expect, it } from 'vitest';
import type { History } from '../../src/core/history/history.ts';
import { RollingStatistics } from '../../src/core/history/rolling-statistics.ts';
import type { Protocol } from '../../src/delivery/protocol.ts';
import { PROTOCOLS } from '../../src/server/protocols.ts';
import { eventually } from '../helpers/eventually.ts';
import { pick, seededRandom } from '../helpers/random.ts';
import { type RowsServer, startRows } from '../helpers/rows-server.ts';
import {
  answerOf,
  begin,
  FIRST_ROWS,
  FOLLOWED,
  Followers,
  pass,
  pathsOf,
  planOf,
  SPEC,
} from './lived.ts';

const STEPS = 14;
/** Asked between two rows, by whoever may then be given it again. */
const ASKED = 25;

const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function run(entries: Parameters<typeof begin>[0]): Promise<RowsServer> {
  const server = await begin(entries);
  endings.push(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });
  return server;
}

/** Words that say when they were written, or what a server is like. */
const TIMELY = /"(hello|heartbeat|pong)"|"msg_type":"(ping|time)"/;
/** What streams are named by, at random. */
const NAMES = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * What followers of a server were told, but for what tells nothing of the market. Of streams that
 * leave something out for who is busy, by what each message is of.
 */
function told({ heard }: Followers) {
  const all: Record<string, string[]> = {};
  const conflated = new Map<string, string>();
  const last = new Map<string, string>();
  for (const [name, said] of heard) {
    const texts = said.filter((text) => !TIMELY.test(text));
    if (!name.startsWith('binance')) {
      all[name] = texts.map((text) => text.replace(NAMES, 'name'));
      continue;
    }
    for (const text of texts) {
      const { stream = name, data = JSON.parse(text) } = JSON.parse(text);
      conflated.set([stream, data.E, data.u, data.lastUpdateId, data.t, data.a].join(' '), text);
      last.set(stream, text);
    }
  }
  return { all, conflated, last };
}

/** Followers of two servers have been told the same, once they have been told all. */
async function expectSame(one: Followers, other: Followers): Promise<void> {
  await eventually(() => {
    const [own, others] = [told(one), told(other)];
    expect(own.last).toEqual(others.last);
    expect(own.all).toEqual(others.all);
  });
  const { conflated } = told(other);
  for (const [key, text] of told(one).conflated) {
    if (conflated.has(key)) expect(text).toBe(conflated.get(key));
  }
}

/**
 * Two servers, row by row: one is told each entry when it is done, the other has known all from the
 * start. Throws where they say another thing.
 */
async function live(seed: number, spoil?: (history: History) => void): Promise<void> {
  const plan = planOf(seed, STEPS);
  const random = seededRandom(seed);
  const entries = plan.flatMap((step) => step.entries);
  const [lived, knowing] = [await run([]), await run(entries)];
  spoil?.(lived.server.feed.history);
  for (const server of [lived, knowing]) await pass(server, FIRST_ROWS - 1);
  const [one, other] = [await Followers.of(lived), await Followers.of(knowing)];
  endings.push(
    () => one.end(),
    () => other.end(),
  );
  await Promise.all([one.begun(), other.begun()]);
  for (const step of plan) {
    await Promise.all([pass(lived, step.rows), pass(knowing, step.rows)]);
    // What is spoilt is found in answers too, and sooner.
    if (spoil === undefined) await expectSame(one, other);
    // Answers are being made meanwhile, of rows before it.
    const paths = pathsOf(lived);
    const asked = Array.from({ length: ASKED }, () => pick(random, paths));
    const answers = asked.map((path) => answerOf(lived, path));
    for (const entry of step.entries) lived.server.feed.add(entry);
    for (const [n, answer] of answers.entries()) {
      expect({ path: asked[n], answer: await answer }).toEqual({
        path: asked[n],
        answer: await answerOf(knowing, asked[n]!),
      });
    }
  }
  // One that has begun afterwards has kept nothing.
  const later = await run(entries);
  await pass(later, lived.server.feed.head - 1);
  for (const path of pathsOf(lived)) {
    const [answer, expected] = await Promise.all([answerOf(lived, path), answerOf(later, path)]);
    expect({ path, answer }).toEqual({ path, answer: expected });
  }
}

describe('a server that lives through what is done to its market', () => {
  it.each([1, 2, 3])('says what one says that has known it: seed %i', async (seed) => {
    await live(seed);
  });

  it('is asked for what there is', async () => {
    const server = await run([]);
    await pass(server, FIRST_ROWS - 1);
    const refused: string[] = [];
    for (const path of pathsOf(server)) {
      const answer = await answerOf(server, path);
      if (!answer.startsWith('200')) refused.push(`${path}: ${answer}`);
    }
    expect(refused).toEqual([]);
  });

  it('is asked by every route, and followed by every stream, but for those that say why', async () => {
    const routes: string[] = [];
    const watching = (): Protocol => ({
      name: 'watching',
      addRoutes: () => {},
      document: async (app) => {
        app.addHook('onRoute', ({ method, url }) => {
          if (method !== 'HEAD') routes.push(url);
        });
      },
    });
    const server = await startRows(SPEC, 1, { protocols: [...PROTOCOLS, watching] });
    endings.push(() => server.stop());
    const followed = Object.values(FOLLOWED).map(({ path }) => path);
    const asked = [...pathsOf(server), ...followed, '/v1/events'];
    const isAsked = (route: string) => {
      const pattern = route.replaceAll('.', '\\.').replace('*', '.+').replaceAll(/:\w+/g, '[^/]+');
      const whole = new RegExp(`^${pattern}$`);
      return asked.some((path) => whole.test(path.split('?')[0]!));
    };
    const isExcused = (route: string) => EXCUSED.some(([pattern]) => pattern.test(route));
    expect(routes.length).toBeGreaterThan(100);
    expect(routes.filter((route) => !isAsked(route) && !isExcused(route))).toEqual([]);
    // Nobody is excused who is not there, or is asked all the same.
    for (const [pattern, why] of EXCUSED) {
      const excused = routes.filter((route) => pattern.test(route));
      expect([why, excused.length > 0, excused.filter(isAsked)]).toEqual([why, true, []]);
    }
  });
});

/** What two servers do not say alike, or what says nothing of a market. */
const EXCUSED: readonly (readonly [route: RegExp, why: string])[] = [
  [/^\/v1\/control\/(events|clock)$/, 'does something'],
  [/^\/v1\/control\/log$/, 'says what was done: one server knows more of it than the other'],
  [/^\/v1\/grade$/, 'takes a recording in: test/core/grading'],
  [/^\/v1\/faults$/, 'lists strikes, which go by numbers of rows and not by what these say'],
  [/^\/metrics$/, 'is of the server'],
  [/^\/(openapi|asyncapi)\.json$|^\/docs/, 'documents'],
  [/\.(tsx?|js|css|html|svg)$|^\/(tsconfig\.json)?$/, 'files of the page'],
  [/^\/(sapi|fapi|dapi)\//, "Binance's other APIs, of which there is nothing here"],
  [
    /^\/api\/v3\/(account|all|my|open|order|rateLimit|sor|userData)/,
    "orders and accounts, which Binance's has and this one refuses",
  ],
  [/^\/ws-api\/v3$/, 'answers as /api/v3 does: test/protocols/binance/ws-api.test.ts'],
  [/^\/ws$|^\/stream\/ws/, 'the connection of /ws/* and /stream, under more names'],
  [/^\/trading\/v1\/options\/ws\/public$/, 'the connection of /websockets/v3'],
  [/^\/v2\/(delayed_sip|test)$/, 'the connection of /v2/iex and /v2/sip'],
];

describe('it would be found that', () => {
  const SPOILT: Readonly<Record<string, (history: History) => void>> = {
    'nothing is forgotten': (history) => {
      history.forgetFrom = () => {};
    },
    'the ring keeps what it has made ahead': ({ ring }) => {
      ring.forgetFrom = () => {};
    },
    'recent trades are kept': ({ trades }) => {
      trades.forgetFrom = () => {};
    },
    'statistics keep what comes': () => {
      const { forgetFrom } = RollingStatistics.prototype;
      RollingStatistics.prototype.forgetFrom = () => {};
      endings.push(() => {
        RollingStatistics.prototype.forgetFrom = forgetFrom;
      });
    },
  };

  it.each(Object.entries(SPOILT))('%s', async (_, spoil) => {
    // Nothing else went wrong.
    await expect(live(1, spoil)).rejects.toThrow('to deeply equal');
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Which layers a layer may import from, beside itself; and whether packages and Node. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'core/random': [],
  'core/market': ['core/random'],
  'core/timeline': ['core/random', 'core/market'],
  'core/history': ['core/random', 'core/market', 'core/timeline'],
  'core/feed': ['core/random', 'core/market', 'core/timeline', 'core/history'],
  'core/realism': ['core/random', 'core/market'],
  'core/faults': ['core/random', 'core/market'],
  'core/grading': ['core/market', 'core/timeline', 'core/history', 'core/faults'],
  realism: ['core/realism'],
  zones: ['core/market'],
  wire: ['core/market', 'core/faults', 'core/grading'],
  host: [
    'core/market',
    'core/faults',
    'core/timeline',
    'core/history',
    'core/feed',
    'wire',
    'node',
    'package',
  ],
  cluster: ['core/market', 'core/timeline', 'core/feed', 'wire', 'host', 'node', 'package'],
  delivery: [
    'core/market',
    'core/faults',
    'core/timeline',
    'core/history',
    'host',
    'node',
    'package',
  ],
  // Each folder of them is a layer of its own, which imports no other.
  'protocols/*': [
    'core/market',
    'core/faults',
    'core/timeline',
    'core/history',
    'core/realism',
    'core/grading',
    'zones',
    'realism',
    'wire',
    'host',
    'delivery',
    'node',
    'package',
  ],
  server: [
    'core/market',
    'core/faults',
    'core/timeline',
    'core/history',
    'core/feed',
    'wire',
    'host',
    'cluster',
    'delivery',
    'protocols/*',
    'node',
    'package',
  ],
  testing: ['core/market', 'core/faults', 'core/timeline', 'wire', 'host', 'protocols/*', 'server'],
  workers: [
    'core/market',
    'core/faults',
    'core/timeline',
    'core/history',
    'core/feed',
    'wire',
    'host',
    'cluster',
    'server',
    'node',
    'package',
  ],
  client: ['wire'],
  page: ['core/market', 'core/realism', 'zones', 'realism', 'client', 'package'],
  cli: [
    'core/market',
    'core/faults',
    'core/timeline',
    'core/history',
    'core/realism',
    'core/grading',
    'realism',
    'wire',
    'host',
    'cluster',
    'protocols/*',
    'server',
    'workers',
    'client',
    'node',
    'package',
  ],
  // What is published: `src/index.ts`.
  index: [
    'core/market',
    'core/timeline',
    'core/history',
    'core/feed',
    'wire',
    'delivery',
    'server',
  ],
};

/** All that may be asked of Math: exact by IEEE 754 or on integers, so the same on every machine. */
const EXACT_MATH = ['sqrt', 'floor', 'ceil', 'imul', 'clz32', 'min', 'max', 'abs'];

/** Clocks, chance, and what only one host has. */
const HOST_GLOBALS = [
  'Date',
  'performance',
  'crypto',
  'process',
  'globalThis',
  'window',
  'document',
  'Intl',
  'Buffer',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
];

interface Source {
  /** From `src/`, with slashes. */
  readonly path: string;
  readonly layer: string;
  readonly text: string;
}

function sources(): Source[] {
  const paths = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.config.ts'))
    .map((path) => ({
      path,
      layer: layerOf(path),
      text: readFileSync(join(ROOT, 'src', path), 'utf8'),
    }));
}

/**
 * The generators of a source that are made anew at each call of what they stand in. Node makes an
 * object of long life for each of them, and all that it refers to lives as long: of those of a
 * request, its answer too.
 */
function remadeGenerators({ path, text }: Pick<Source, 'path' | 'text'>): string[] {
  const remade = [...text.matchAll(/function\*\s*\(|^ {4,}\*[\w#]+\(/gm)];
  return remade.map(([found]) => `${path}: ${found.trim()} must be a function of the file`);
}

/** Made for whole files, of a megabyte each. */
const MADE_FOR_FILES = 'protocols/tickwell/formats/parquet.ts';

/** Who reads rows of a market to which nothing was done. */
const READS_THE_BASE = /^(core\/(market|timeline|realism)\/|host\/budgets\/)/;

/** Rows that are read past the timeline: they would lack what was done to the market. */
function readsPastTimeline({ path, text }: Pick<Source, 'path' | 'text'>): string[] {
  if (READS_THE_BASE.test(path)) return [];
  const methods =
    'fillBlock|fillTrades|foldTrades|fold|tradesBefore|lotsOfTrade|rowOfTrade|fillEachTrade|' +
    'fillDepth|bookOf';
  const readings = new RegExp(`(?:history|feed|service)\\.market\\.(?:${methods})\\(`, 'g');
  return [...text.matchAll(readings)].map(([reading]) => `${path}: ${reading}`);
}

function layerOf(path: string): string {
  const [first, second] = path.split('/');
  if (second === undefined) return 'index';
  return first === 'core' || first === 'protocols' ? `${first}/${second}` : first;
}

/** A layer as it stands in `LAYERS`. */
function drawn(layer: string): string {
  return layer.replace(/^protocols\/.*/, 'protocols/*');
}

/** What a source imports or exports from, types and dynamic imports too. */
function importsOf(text: string): string[] {
  const patterns = [
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"`]([^'"`]+)['"`]/g,
    /\brequire\(\s*['"`]([^'"`]+)['"`]/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, from]) => from));
}

/** The layer that `from` is of, in a source at `path`. */
function targetOf(path: string, from: string): string {
  if (from.startsWith('node:')) return 'node';
  if (!from.startsWith('.')) return 'package';
  const target = posix.join(posix.dirname(path), from);
  return target.startsWith('..') ? 'outside src' : layerOf(target);
}

/** The wrong imports of a source, as sentences. */
function wrongImports({ path, layer, text }: Source): string[] {
  const allowed = LAYERS[drawn(layer)];
  if (allowed === undefined) return [`${path}: ${layer} is not a layer that tidy.test.ts knows`];
  return importsOf(text)
    .filter((from) => {
      const target = targetOf(path, from);
      return target !== layer && !allowed.includes(drawn(target));
    })
    .map((from) => `${path} imports ${from}`);
}

/** `text` with its comments emptied, and its strings too except for what stands in `${}`. */
function codeOf(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    (match) => {
      if (match.startsWith('`')) return [...match.matchAll(/\$\{([^}]*)\}/g)].join(' ');
      return match.startsWith('/') ? ' ' : "''";
    },
  );
}

/** What in a pure source could differ between machines or calls, as sentences. */
function impurities({ path, text }: Pick<Source, 'path' | 'text'>): string[] {
  const code = codeOf(text);
  const found: string[] = [];
  for (const [use, name] of code.matchAll(/\bMath\b(?:\.(\w+))?/g)) {
    if (!EXACT_MATH.includes(name)) found.push(`${path} uses ${use}`);
  }
  for (const [use] of code.matchAll(
    new RegExp(`(?<![.\\w])(${HOST_GLOBALS.join('|')})\\b(?!:)`, 'g'),
  )) {
    found.push(`${path} uses ${use}`);
  }
  for (const [use] of code.matchAll(/\.toLocale\w*|\.localeCompare/g)) {
    found.push(`${path} uses ${use}`);
  }
  // `**` may be computed inexactly; 2 to a literal whole number is exact, and folded when compiled.
  for (const [use] of code.replaceAll(/(?<![\w.])2 \*\* \d+(?![\w.])/g, '').matchAll(/.*\*\*.*/g)) {
    found.push(`${path} uses ** : ${use.trim()}`);
  }
  return found;
}

/** Where a source asks the machine what time it is, as sentences. */
function clockReadings({ path, text }: Pick<Source, 'path' | 'text'>): string[] {
  const readings = codeOf(text).matchAll(/\bDate\.now\b|\bnew Date\b(?!\([^)])|(?<!new )\bDate\(/g);
  return [...readings].map(([use]) => `${path} uses ${use}`);
}

/** Where a source sees the bytes of numbers in whatever order the machine has them, as sentences. */
function orderedByMachine({ path, text }: Pick<Source, 'path' | 'text'>): string[] {
  const code = codeOf(text);
  if (code.includes('LITTLE_ENDIAN')) return [];
  const views = code.matchAll(/\bnew \w+Array\(.*\.buffer\b/g);
  return [...views].map(([use]) => `${path} uses ${use}`);
}

/** Where a protocol could send what nobody counts, as sentences. */
function pastOutlets({ path, text }: Pick<Source, 'path' | 'text'>): string[] {
  const code = codeOf(text);
  const uses = [...code.matchAll(/(?<!\bthis)\.(?:wire|bypass|counters)\b/g)].map(([use]) => use);
  // Who takes an answer out of Fastify's hands writes it through an outlet.
  if (code.includes('.hijack(') && !code.includes('new Outlet(')) uses.push('.hijack');
  uses.push(...importsOf(text).filter((from) => from === 'ws'));
  return uses.map((use) => `${path} uses ${use}`);
}

describe('the house', () => {
  const all = sources();

  it('has the layers that it is drawn with', () => {
    const layers = new Set(all.map(({ layer }) => drawn(layer)));
    expect([...layers].sort()).toEqual(Object.keys(LAYERS).sort());
  });

  it.each(Object.keys(LAYERS))('lets %s import only what is below it', (layer) => {
    const wrong = all.filter((source) => drawn(source.layer) === layer).flatMap(wrongImports);
    expect(wrong).toEqual([]);
  });

  it('lets nothing import the page or the command line', () => {
    for (const allowed of Object.values(LAYERS)) {
      expect(allowed).not.toContain('page');
      expect(allowed).not.toContain('cli');
    }
  });

  it('keeps clocks, chance and inexact mathematics out of the core and the wire', () => {
    const pure = all.filter(({ layer }) => layer.startsWith('core/') || layer === 'wire');
    expect(pure.length).toBeGreaterThan(20);
    expect(pure.flatMap(impurities)).toEqual([]);
  });

  it('has one clock on the wall, the server’s: the page and the client go by that', () => {
    const found = all.flatMap(clockReadings);
    expect(found).toEqual(['host/clock.ts uses Date.now']);
  });

  it('lets no protocol send what is not counted', () => {
    const protocols = all.filter(({ layer }) => drawn(layer) === 'protocols/*');
    expect(protocols.flatMap(pastOutlets)).toEqual([]);
    const bookings = all.filter(({ text }) => /\bcounters\.(sent\w*|book)\(/.test(codeOf(text)));
    expect(bookings.map(({ path }) => path).sort()).toEqual([
      'delivery/fan-out.ts',
      'delivery/outlet.ts',
      'delivery/socket-outlet.ts',
    ]);
  });

  it('sees the bytes of numbers only where it knows in which order they are', () => {
    expect(all.flatMap(orderedByMachine)).toEqual([]);
  });

  it('knows only where rows are written or announced that `last` alone is called `prices`', () => {
    const names = 'wire/row-names.ts';
    const knowing = all.filter(({ path, text }) =>
      importsOf(text).some((from) => posix.join(posix.dirname(path), from) === names),
    );
    expect(knowing.map(({ path }) => path).sort()).toEqual([
      'protocols/tickwell/answers.ts',
      'protocols/tickwell/formats/json-rows.ts',
      'protocols/tickwell/formats/rows.ts',
      'protocols/tickwell/stream/price-texts.ts',
      'wire/binary.ts',
      'wire/json.ts',
    ]);
  });

  it('names every folder of src in ARCHITECTURE.md, where there is one', () => {
    if (!existsSync(join(ROOT, 'ARCHITECTURE.md'))) return;
    const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    const folders = new Set(all.map(({ path }) => dirname(path)).filter((path) => path !== '.'));
    const isNamed = (path: string) =>
      text.includes(`src/${path}`) || text.includes(`${posix.basename(path)}/`);
    const unnamed = [...folders].filter((path) => !isNamed(path));
    expect(unnamed).toEqual([]);
  });
});

describe('a line of src', () => {
  it('has at most 100 columns', () => {
    const longer = sources().flatMap(({ path, text }) =>
      text
        .split('\n')
        .filter((line) => [...line].length > 100)
        .map((line) => `${path}: ${line}`),
    );
    expect(longer).toEqual([]);
  });
});

/** Words that others took the place of: those of ARCHITECTURE.md are said instead. */
const FORMER_WORDS =
  /\b(lanes?|walkers?|in step|tall(y|ies|ied)|manners|doors?|turnover|usual|hast(e|y)|that (is|are) none)\b/;
/** Names that are made of words which mean something else by themselves. */
const FORMER_NAMES =
  /\b(fall(In|Out)|Unwanted|Conversation|areUsual|isForEver|isOver|toldOf|unreadBytes)\b/;

/** The words of a line, those of names too: `OPEN_DOORS` and `openDoors` are `open doors`. */
function wordsOf(line: string): string {
  return line
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
}

/** Words that mean something else elsewhere: where they are not said any more. */
const FORMER_HERE: readonly (readonly [where: RegExp, word: RegExp])[] = [
  // Faults are those that are made on demand; how they are asked for is said in one place there.
  [/^src\/core\/market\/(?!unknown\.)/, /(?<!not a |[dD]e)[fF]aults?\b|(?<![dD]e)[fF]ault[A-Z]/],
  [/^src\/core\/market\/models\//, /\bClock\b/],
  [/^src\/delivery\//, /\b(unread|progress|[Ss]upply)\b|\.place\b/],
  [/^src\/(delivery|protocols)\//, /\b(class|interface|new) (Line|Asking)\b|\basked\.ts\b/],
  [
    /^(src|test)\/host\/(budgets\/(?!limits)|peers)|^src\/workers\/(messages|worker)\./,
    /\b(told|hears?|heard|team)\b/,
  ],
  [/^src\/(core\/market\/\w+\.|cli|host|protocols|server|wire)/, /\bshown\(/],
];

/** All that people write, by its path. Not the changelog: it says what was. */
function texts(): (readonly [path: string, text: string])[] {
  const folders = ['src', 'test', 'scripts', 'bench', 'examples', 'deploy', 'docs'];
  const paths = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
      (path) => `${folder}/${path.replaceAll('\\', '/')}`,
    ),
  );
  const documents = readdirSync(ROOT).filter((path) => path.endsWith('.md'));
  return [...paths, ...documents]
    .filter((path) => /\.(tsx?|mjs|md|css|html|sh)$/.test(path) && !path.includes('/node_modules/'))
    .filter((path) => path !== 'CHANGELOG.md' && path !== 'test/tidy.test.ts')
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]);
}

/** The lines of a text that are in words that others took the place of. */
function formerWords(path: string, text: string): string[] {
  const here = FORMER_HERE.filter(([where]) => where.test(path)).map(([, word]) => word);
  return text
    .split('\n')
    .filter((line) => {
      return (
        FORMER_WORDS.test(wordsOf(line)) || [FORMER_NAMES, ...here].some((word) => word.test(line))
      );
    })
    .map((line) => `${path}: ${line}`);
}

describe('what people write', () => {
  it('says nothing in words that others took the place of', () => {
    const all = texts();
    expect(all.length).toBeGreaterThan(500);
    expect(all.flatMap(([path, text]) => formerWords(path, text))).toEqual([]);
  });
});

describe('this test sees', () => {
  it.each([
    ['src/a.ts', 'the lane of'],
    ['test/a.test.ts', 'const tally = 1;'],
    ['src/a.ts', 'USUAL_FIELDS'],
    ['src/a.ts', 'new Lane()'],
    ['src/a.ts', 'const usualVariance = tallyOf(place);'],
    ['src/a.ts', 'isOver(answer)'],
    ['bench/a.mjs', 'const OPEN_DOORS = [];'],
    ['docs/a.md', 'the usual fields'],
    ['src/a.ts', 'an option that is none'],
    ['src/core/market/a.ts', 'const faults = addressFaults(url);'],
    ['src/core/market/models/a.ts', 'class Clock {'],
    ['src/delivery/a.ts', 'bytes that are unread'],
    ['src/host/budgets/a.ts', 'what the others are told'],
  ])('a former word in %s: %s', (path, text) => {
    expect(formerWords(path, text)).toHaveLength(1);
  });

  it.each([
    ['src/page/a.ts', 'by default, defaults, DEFAULTS, areDefault'],
    ['test/helpers/fault-proxy.ts', 'faults of the network'],
    ['src/delivery/a.ts', 'const { maxUnreadBytes } = limits;'],
    ['src/server/a.ts', 'progress: () => 1'],
    ['src/host/a.ts', 'clients are told when to come back'],
  ])('no former word in %s: %s', (path, text) => {
    expect(formerWords(path, text)).toEqual([]);
  });

  const source = (path: string, text: string): Source => ({ path, layer: layerOf(path), text });

  it.each([
    ['core/random/a.ts', "import { Market } from '../market/market.ts';"],
    ['core/market/a.ts', "import type {\n  Ring,\n} from '../history/ring.ts';"],
    ['core/market/a.ts', "export * from '../../wire/json.ts';"],
    ['core/feed/a.ts', "import 'node:fs';"],
    ['core/feed/a.ts', "const fs = await import('node:fs');"],
    ['wire/a.ts', "import { Feed } from '../core/feed/feed.ts';"],
    ['wire/a.ts', "import { History } from '../core/history/history.ts';"],
    ['client/a.ts', "import { LIMITS } from '../host/limits.ts';"],
    ['client/a.ts', "import WebSocket from 'ws';"],
    ['client/a.ts', "import { Grid } from '../core/market/grid.ts';"],
    ['page/chart/a.ts', "import { LIMITS } from '../../host/limits.ts';"],
    ['delivery/a.ts', "import { model } from '../page/model.ts';"],
    ['server/a.ts', "import { serve } from '../cli/serve.ts';"],
    ['index.ts', "export { serve } from './cli/serve.ts';"],
    ['server/a.ts', "import { version } from '../../package.json';"],
    ['host/a.ts', "import { Hub } from '../delivery/hub.ts';"],
    ['delivery/a.ts', "import { tickwell } from '../protocols/tickwell/tickwell.ts';"],
    ['delivery/a.ts', "import type { ServerMessage } from '../wire/messages.ts';"],
    ['protocols/binance/a.ts', "import { tickwell } from '../tickwell/tickwell.ts';"],
    ['protocols/tickwell/a.ts', "import { startServer } from '../../server/server.ts';"],
  ])('the wrong import in %s: %s', (path, text) => {
    expect(wrongImports(source(path, text))).toHaveLength(1);
  });

  it.each([
    'Math.exp(1)',
    'Math.random()',
    'const { sin } = Math;',
    "Math['pow'](2, 3)",
    'new Date()',
    'Date.now()',
    'performance.now()',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a source's text.
    '`at ${Date.now()}`',
    'x ** 2',
    '2 ** x',
    '2 ** 0.5',
    '10 ** 3',
    'x **= 2',
    '(5).toLocaleString()',
  ])('what is not pure in %s', (text) => {
    expect(impurities({ path: '', text }).length).toBeGreaterThan(0);
  });

  it.each(['Date.now()', 'const { now } = Date.now', 'new Date()', 'new Date', 'Date()'])(
    'a clock in %s',
    (text) => {
      expect(clockReadings({ path: '', text })).toHaveLength(1);
    },
  );

  it.each([
    "import { WebSocket } from 'ws';",
    'subscription.connection.outlet.bypass?.wire',
    'hub.counters.sent(0)',
    'reply.hijack();',
  ])('what is not counted in %s', (text) => {
    expect(pastOutlets({ path: '', text }).length).toBeGreaterThan(0);
  });

  it.each(['this.wire.write(frame)', 'reply.hijack(); new Outlet(hub, way)'])(
    'that all is counted in %s',
    (text) => {
      expect(pastOutlets({ path: '', text })).toEqual([]);
    },
  );

  it.each(['new Date(timeMs)', 'Date.parse(text)', 'Date.UTC(2026, 0)', '// Date.now()'])(
    'no clock in %s',
    (text) => {
      expect(clockReadings({ path: '', text })).toEqual([]);
    },
  );

  it.each(['new Uint8Array(BigInt64Array.of(1n).buffer)', 'new Int32Array(wide.buffer, 4)'])(
    'an order that is not known in %s',
    (text) => {
      expect(orderedByMachine({ path: '', text })).toHaveLength(1);
      expect(orderedByMachine({ path: '', text: `${text} // IS_LITTLE_ENDIAN` })).toHaveLength(1);
      expect(orderedByMachine({ path: '', text: `IS_LITTLE_ENDIAN && ${text}` })).toEqual([]);
    },
  );

  it.each([
    '// Math.exp is not exact, ** neither',
    '/* Date.now() */',
    "'Date'",
    'const ROWS = 16 * 2 ** 20;',
    'Math.floor(x) + Math.imul(a, b)',
  ])('nothing wrong in %s', (text) => {
    expect(impurities({ path: '', text })).toEqual([]);
  });

  it.each(['make: () => (function* () {})()', 'load(function* (write) {', '    *make() {'])(
    'a generator that is made anew in %s',
    (text) => {
      expect(remadeGenerators({ path: '', text })).toHaveLength(1);
    },
  );
});

it('rows are read by the timeline, never by the market below it', () => {
  expect(sources().flatMap(readsPastTimeline)).toEqual([]);
  const text =
    'history.market.fold(fold, column, 0, 1); history.timeline.fold(fold, column, 0, 1);';
  expect(readsPastTimeline({ path: 'delivery/a.ts', text })).toEqual([
    'delivery/a.ts: history.market.fold(',
  ]);
});

it('no generator is made anew at each call', () => {
  const others = sources().filter(({ path }) => path !== MADE_FOR_FILES);
  expect(others.flatMap(remadeGenerators)).toEqual([]);
});

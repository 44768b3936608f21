import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesUnder, fragmentsOf, newConsumer, ROOT } from '../helpers/consumer.ts';

/** What fragments of documents leave to their reader. */
const GIVEN = `
declare const url: string;
declare const symbols: string[];
declare const saved: { readonly until: number; readonly market: string };
declare function store(rows: unknown, cursor: unknown): Promise<void>;
declare const HTTP: string;
declare const WS: string;
declare const ccxt: any;
declare function led(urls: object): object;
declare const MainClient: any;
declare const WebsocketAPIClient: any;
declare const Spot: any;
declare const Binance: any;
declare module 'vitest';
declare module '@jest/globals';
declare module '@playwright/test' {
  export const expect: any;
  export const test: {
    (name: string, run: (fixtures: { readonly page: any }) => Promise<void>): void;
    afterAll(end: () => Promise<void>): void;
  };
}
declare module 'binance';
declare module 'ccxt';
declare module '@alpacahq/alpaca-trade-api';
declare module '@deriv/deriv-api' {
  export default class {
    constructor(options: object);
    readonly basic: {
      activeSymbols(how: string): Promise<{ readonly active_symbols: { symbol: string }[] }>;
      subscribe(request: object): {
        subscribe(next: (said: any) => void, failed?: (said: any) => void): void;
      };
    };
  }
}
declare const TradingView: any;
declare const Datafeeds: any;
declare const Alpaca: any;
declare const marketData: any;
declare const streaming: any;
`;

/** What does not fit is an error: without this one, nothing was compiled. */
const WRONG = "import { subscribe } from 'tickwell/client';\nsubscribe({});\n";

/** A compiler on a busy machine. */
const COMPILE_MS = 120_000;

const STRICT = {
  strict: true,
  noEmit: true,
  target: 'ES2022',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  types: ['node'],
  allowJs: true,
  checkJs: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
};

let folder: string;

beforeAll(() => {
  folder = newConsumer(['ws', '@types']);
  writeFileSync(join(folder, 'given.d.ts'), GIVEN);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Every piece of JavaScript or TypeScript in documents and docstrings. */
function fragments(): { readonly name: string; readonly text: string }[] {
  const documents = ['.', 'docs', 'deploy'].flatMap((path) => filesUnder(path, /\.md$/));
  return [...documents, ...filesUnder('src', /\.tsx?$/)].flatMap((path) =>
    fragmentsOf(path).map((text, n) => ({
      name: `${path.replaceAll(/\W+/g, '-')}-${n + 1}`,
      text,
    })),
  );
}

/** What the compiler says of everything in the folder. */
async function compile(compiler: string, module: object): Promise<string> {
  const config = { compilerOptions: { ...STRICT, ...module } };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(ROOT, 'node_modules', compiler);
  const child = spawn(process.execPath, [tsc, '--pretty', 'false'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  await once(child, 'close');
  return said;
}

describe('in strict TypeScript, with the types of the package', { timeout: COMPILE_MS }, () => {
  it.each([
    ['nodenext', 'typescript/bin/tsc', { module: 'NodeNext' }],
    ['bundler', 'typescript/bin/tsc', { module: 'ESNext', moduleResolution: 'Bundler' }],
    // The packages it needs are not all for it.
    [
      'node10 of TypeScript 5',
      'typescript-5/bin/tsc',
      { module: 'ESNext', moduleResolution: 'node10', skipLibCheck: true },
    ],
  ])('every example of every document compiles (%s)', async (_, compiler, module) => {
    const found = fragments();
    expect(found.length).toBeGreaterThan(9);
    for (const { name, text } of found) {
      writeFileSync(join(folder, `${name}.ts`), `${text}\nexport {};\n`);
    }
    cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
    cpSync(join(ROOT, 'test/types/consumer.ts'), join(folder, 'consumer.ts'));
    writeFileSync(join(folder, 'wrong.ts'), WRONG);
    expect(await compile(compiler, module)).toMatch(/^wrong\.ts\(2,11\): error .*\n( .*\n)*$/);
  });
});

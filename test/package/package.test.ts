import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/consumer.ts';

/** npm on a busy machine. */
const NPM_MS = 120_000;
/** A tenth more than it is. */
const MOST_BYTES = 6.85e6;

let folder: string;
let installed: string;

/** As `npm install` lays it out, but for what npm would have to fetch: that is linked. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickwell-package-'));
  installed = join(folder, 'node_modules/tickwell');
  mkdirSync(installed, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const name = execFileSync(npm, args, { cwd: ROOT, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', name, '-C', installed, '--strip-components=1'], { cwd: folder });
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) {
    const path = join(folder, 'node_modules', dependency);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), path, 'junction');
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
}, NPM_MS);

afterAll(() => rmSync(folder, { recursive: true }));

function files(): string[] {
  const all = readdirSync(installed, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(installed.length + 1))
    .map((path) => path.replaceAll('\\', '/'));
}

/** What documents link to, from where they are. */
function linksOf(path: string): readonly string[] {
  const text = readFileSync(join(installed, path), 'utf8');
  const links = text.matchAll(/(?:\]\(|(?:src|srcset|href)=")([^)"#\s]+)/g);
  return [...links].map(([, link]) => link!).filter((link) => !/^[a-z]+:/.test(link));
}

describe('the package', { timeout: NPM_MS }, () => {
  it('holds what is run, read or imported, and nothing else', () => {
    const all = files();
    const linked = new Set(
      all
        .filter((path) => path.endsWith('.md'))
        .flatMap((path) => linksOf(path).map((link) => join(dirname(path), link))),
    );
    const kinds =
      /^(dist\/(bin|client|cluster|core|delivery|host|page|protocols|realism|server|testing|wire|zones)\/|dist\/index\.|docs\/|examples\/)/;
    const strange = all.filter((path) => !kinds.test(path) && path.includes('/'));
    expect(strange.filter((path) => !linked.has(path))).toEqual([]);
    expect(all.filter((path) => /\.map$|\.tsbuildinfo|bench/.test(path))).toEqual([]);
    const bytes = all.reduce((sum, path) => sum + statSync(join(installed, path)).size, 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  it('has every file that one of its documents links to', () => {
    const documents = files().filter((path) => path.endsWith('.md'));
    expect(documents.length).toBeGreaterThan(8);
    const missing = documents.flatMap((path) =>
      linksOf(path)
        .filter((link) => !existsSync(join(installed, dirname(path), link)))
        .map((link) => `${path} -> ${link}`),
    );
    expect(missing).toEqual([]);
  });

  it('needs no package that wants a newer Node, and no choice that only holds in this folder', () => {
    const { overrides, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(engines.node).toBe('>=20.19');
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    type Locked = { readonly dev?: boolean; readonly engines?: { readonly node?: string } };
    const shipped = Object.entries<Locked>(lock.packages).filter(([, { dev }]) => dev !== true);
    expect(shipped.length).toBeGreaterThan(50);
    const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 13);
    const chosen = shipped.map(([path]) => nameOf(path)).filter((name) => name in overrides);
    expect(chosen).toEqual([]);
    // Ranges here are lists of lower bounds, as `>=18` and `18 || 20 || >=22`.
    const admits = (range: string) =>
      range.split('||').some((one) => {
        const [, isAtLeast, major, minor] = /^\s*(>=|\^)?\s*v?(\d+)(?:\.(\d+))?/.exec(one) ?? [];
        const isOlder = Number(major) < 20 || (major === '20' && Number(minor ?? 0) <= 19);
        return isAtLeast === '>=' ? isOlder : major === '20' && isOlder;
      });
    const newer = shipped
      .filter(([, { engines }]) => !admits(engines?.node ?? '>=0'))
      .map(([path, { engines }]) => `${path} ${engines?.node}`);
    expect(newer).toEqual([]);
  });

  it('serves, and is read by its own client', async () => {
    const program = join(installed, 'dist/bin/tickwell.js');
    const version = execFileSync(process.execPath, [program, '--version'], { encoding: 'utf8' });
    expect(version).toBe(
      `${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`,
    );
    const child = spawn(process.execPath, [program, '--port', '0', '--host', '127.0.0.1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let url: string | undefined;
      for await (const line of createInterface(child.stdout)) {
        url = / on (http:\S+)$/.exec(line)?.[1];
        if (url !== undefined) break;
      }
      writeFileSync(
        join(folder, 'reader.mjs'),
        `import { checkSpec, startServer } from 'tickwell';
        import { market } from 'tickwell/client';
        const { instruments } = await market({ url: process.argv[2] });
        console.log(instruments.length, checkSpec({}).ok, typeof startServer);`,
      );
      while (!(await fetch(`${url}/readyz`)).ok);
      const page = await fetch(`${url}/`);
      expect([page.status, (await page.text()).includes('<title>')]).toEqual([200, true]);
      const args = [join(folder, 'reader.mjs'), url!];
      expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe(
        '100 true function\n',
      );
    } finally {
      child.kill();
      await once(child, 'close');
    }
  });

  it('has a program that needs no TypeBox, which the image leaves out', () => {
    const program = files().filter((path) => path.startsWith('dist/bin/'));
    expect(program).toContain('dist/bin/tickwell.js');
    for (const path of program) {
      const text = readFileSync(join(installed, path), 'utf8');
      expect(text).not.toMatch(/(from|import|import\(|require\()\s*["']typebox/);
    }
    const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
    expect(dockerfile).toContain('rm -r node_modules/typebox');
  });
});

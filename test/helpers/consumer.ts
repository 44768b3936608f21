import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A folder elsewhere, of a program that has tickwell and `packages`, those of `from`, installed. */
export function newConsumer(packages: readonly string[] = [], from = '.'): string {
  const folder = mkdtempSync(join(tmpdir(), 'tickwell-consumer-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/tickwell'), 'junction');
  for (const name of packages) {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(ROOT, from, 'node_modules', name), path, 'junction');
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  return folder;
}

/** The pieces of JavaScript or TypeScript between fences, in a document or in docstrings. */
export function fragmentsOf(path: string): readonly string[] {
  const text = readFileSync(join(ROOT, path), 'utf8').replaceAll(/^ *\* ?/gm, '');
  const blocks = text.matchAll(/^```(?:js|ts|mjs|javascript|typescript)\n(.*?)^```$/gms);
  return [...blocks].map(([, code]) => code!);
}

/** The files under a folder of the project, of names that end so; `.` for its own alone. */
export function filesUnder(path: string, ending: RegExp): readonly string[] {
  return readdirSync(join(ROOT, path), { encoding: 'utf8', recursive: path !== '.' })
    .filter((name) => ending.test(name))
    .map((name) => join(path, name));
}

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a program in the project's folder, or in another, its output shown; rejects if it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string} [cwd]
 */
export function run(program, args, env = process.env, cwd = ROOT) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve(undefined);
      else
        reject(new Failed(`${program} ${args.join(' ')} ended with ${signal ?? code}`, code ?? 1));
    });
  });
}

/**
 * Runs a tool that npm installed for this project.
 * @param {string} name
 * @param {readonly string[]} args
 */
export function tool(name, args) {
  const onWindows = process.platform === 'win32';
  return run(`${ROOT}/node_modules/.bin/${name}${onWindows ? '.cmd' : ''}`, args);
}

/** A program that was run has failed, and has said why. */
export class Failed extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Installs what package-lock.json names, unless that has been done since it last changed. No script
 * of a package is run where `args` say so.
 * @param {string} [folder]
 * @param {readonly string[]} [args]
 */
export async function install(folder = ROOT, args = []) {
  const installed = join(folder, 'node_modules/.installed-lock');
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return;
  const what = folder === ROOT ? 'packages' : `packages of ${relative(ROOT, folder)}`;
  console.log(`Installing ${what}, once ...`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const all = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...args];
  await run(npm, all, process.env, folder);
  writeFileSync(installed, lock);
}

/**
 * Runs a script's steps; a failure ends it with that failure's exit code.
 * @param {() => Promise<void>} steps
 */
export async function main(steps) {
  try {
    await steps();
  } catch (error) {
    if (!(error instanceof Failed)) console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof Failed ? error.exitCode : 1;
  }
}

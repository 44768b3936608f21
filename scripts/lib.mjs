import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const INSTALLED = `${ROOT}/node_modules/.installed-lock`;
const LOCK = `${ROOT}/package-lock.json`;

/**
 * Runs a program in the project's folder, its output shown; rejects if it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function run(program, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio: 'inherit' });
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

/** Installs what package-lock.json names, unless that has been done since it last changed. */
export async function install() {
  const lock = readFileSync(LOCK, 'utf8');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lock) return;
  console.log('Installing packages, once ...');
  const onWindows = process.platform === 'win32';
  await run(onWindows ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(INSTALLED, lock);
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

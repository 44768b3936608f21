/** Builds dist/: the library and its types, the program in a few files, the page. */
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { install, main, ROOT, tool } from './lib.mjs';

const STAMP = `${ROOT}/dist/.built`;

/** Builds everything. */
export async function build() {
  await tool('tsc', ['-b', 'src']);
  await tool('vite', ['build', '--config', 'src/cli/vite.config.ts', '--logLevel', 'warn']);
  await tool('vite', ['build', '--config', 'src/page/vite.config.ts', '--logLevel', 'warn']);
  // npm makes it so when it links it, which is not after each build.
  chmodSync(`${ROOT}/dist/bin/tickwell.js`, 0o755);
  writeFileSync(STAMP, '');
}

/** Builds what is not there or older than its sources. */
export async function buildIfOld() {
  if (existsSync(STAMP) && newest(`${ROOT}/src`) < statSync(STAMP).mtimeMs) return;
  console.log('Building, once ...');
  await build();
}

/**
 * When the newest file under a folder was changed, in milliseconds since 1970.
 * @param {string} folder
 */
function newest(folder) {
  let newestMs = Math.max(
    statSync(`${ROOT}/package-lock.json`).mtimeMs,
    statSync(`${ROOT}/tsconfig.base.json`).mtimeMs,
  );
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // Folders too: a file that was taken away changes only its folder.
    const { mtimeMs } = statSync(`${entry.parentPath}/${entry.name}`);
    newestMs = Math.max(newestMs, mtimeMs);
  }
  return newestMs;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await install();
    rmSync(`${ROOT}/dist`, { recursive: true, force: true });
    await build();
  });
}

import { readFileSync } from 'node:fs';

/** As seen from `dist/server` and from `dist/bin`, whose files hold all. */
const PACKAGE = new URL('../../package.json', import.meta.url);

/** The version in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
}

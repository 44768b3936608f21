import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './consumer.ts';

const require = createRequire(join(ROOT, 'test/clients/package.json'));

/**
 * A client of another protocol, unmodified, as `test/clients/package.json` pins it: what it exports,
 * of the type that the caller knows it to have.
 */
export async function importClient<Exports>(name: string): Promise<Exports> {
  return (await import(pathToFileURL(require.resolve(name)).href)) as Exports;
}

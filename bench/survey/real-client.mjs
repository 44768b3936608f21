import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../test/clients/package.json', import.meta.url));

/** A client as `test/clients` pins and installs it, unmodified. */
export const importClient = (name) => import(pathToFileURL(require.resolve(name)).href);

/** What a module of CommonJS exports as its only one. */
export const defaultOf = (module) => module.default?.default ?? module.default ?? module;

/** The version that is installed. */
export const versionOf = (name) =>
  require(new URL(`../../test/clients/node_modules/${name}/package.json`, import.meta.url).pathname)
    .version;

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { NewLog } from './world.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** A rule of the protocol that is taken out of the sources: in a file of src/cluster, this by that. */
export interface Mutation {
  readonly rule: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The log without one of its rules. Throws if the sources do not have that as it is written here. */
export async function mutantOf({ file, from, to }: Mutation): Promise<NewLog> {
  const folder = mkdtempSync(join(tmpdir(), 'tickwell-mutant-'));
  try {
    for (const name of readdirSync(join(SRC, 'cluster')).filter((each) => each.endsWith('.ts'))) {
      const source = readFileSync(join(SRC, 'cluster', name), 'utf8');
      if (name === file && source.split(from).length !== 2) {
        throw new Error(`${file} must have this once: ${from}`);
      }
      const text = name === file ? source.replace(from, to) : source;
      writeFileSync(join(folder, name), text.replaceAll("from '../", `from '${SRC}`));
    }
    const { ClusterLog } = await import(pathToFileURL(join(folder, 'cluster-log.ts')).href);
    return ClusterLog as NewLog;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

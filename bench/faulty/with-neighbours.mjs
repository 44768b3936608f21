import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('neighbours.mjs', import.meta.url));

/** Does something while so many readers follow all of a market by a path. */
export async function withNeighbours(url, path, count, use) {
  const child = fork(PROGRAM, [url.replace('http', 'ws') + path, String(count)]);
  try {
    await once(child, 'message');
    return await use();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Where readers ask for a profile. */
export const pathOf = (profile) => `/faulty/${encodeURIComponent(profile)}/v1/stream`;
/** A profile that strikes nobody: its readers have ways of their own all the same. */
export const NEVER = 'delay:1ms@4w';

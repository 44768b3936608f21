/**
 * What readers who are kept waiting by faults take of the memory, over minutes.
 */
import { readFileSync } from 'node:fs';
import { withServer } from '../scripts/server.mjs';
import { NEVER, pathOf, withNeighbours } from './faulty/with-neighbours.mjs';
import { report } from './lib.mjs';

const SECONDS = Number(process.env.BENCH_MEMORY_SECONDS ?? 300);
const READERS = 100;
const args = ['--count', '100', '--interval', '100ms', '--limit', 'workBurst=100000000000000'];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Memory of a process, in MB. */
function residentMb(pid) {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kb) / 1024;
}

/** Memory of a server whose readers are kept waiting: once whoever is full is full, and later. */
async function watch(name, profile) {
  return await withServer(args, async ({ url, child }) => {
    const watched = async () => {
      await sleep(60_000);
      const first = residentMb(child.pid);
      await sleep(SECONDS * 1000);
      return { name, first, last: residentMb(child.pid) };
    };
    if (profile === undefined) return await watched();
    return await withNeighbours(url, pathOf(profile), READERS, watched);
  });
}

const [nobody, ...watched] = await Promise.all([
  watch('nobody', undefined),
  watch('never struck', NEVER),
  watch('stalled', 'stall:1h@2s'),
  watch('half open', 'halfopen@2s'),
  watch('throttled to 1 kB/s', 'throttle:1kB/s@2s'),
  watch('delayed by an hour', 'delay:1h@2s'),
]);
const minutes = 1 + SECONDS / 60;
const mb = ({ first, last }) => `${first.toFixed(0)}, ${last.toFixed(0)} MB`;
report(`a server without readers: after 1 min, ${minutes} min`, mb(nobody), '');
for (const one of watched) {
  report(`${READERS} readers ${one.name}: the same`, mb(one), 'as without');
  const kb = ((one.last - nobody.last) * 1024) / READERS;
  report(`${READERS} readers ${one.name}: each`, `${kb.toFixed(0)} KB`, '< 1024 KB');
}
process.exit(0);

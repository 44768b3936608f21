import { readdir } from 'node:fs/promises';
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { descriptorLimit } from '../access/descriptors.ts';
import type { Readings, Sample } from './exposition.ts';

/** How often the event loop is looked at: a hundred times a second takes 0.7 % of a core. */
const RESOLUTION_MS = 10;

/** How late the event loop is, until `stop`: whatever holds it up holds up every row. */
export class EventLoop {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  /** Since the last call, by the names that dashboards for Node know. */
  readonly readings: Readings = {
    ...this.#reading('mean', ({ mean }) => mean),
    ...this.#reading('p50', (delays) => delays.percentile(50)),
    ...this.#reading('p99', (delays) => delays.percentile(99)),
    // Asked for last: the next time begins anew.
    ...this.#reading('max', (delays) => {
      const { max } = delays;
      delays.reset();
      return max;
    }),
  };

  constructor() {
    this.#delays.enable();
  }

  stop(): void {
    this.#delays.disable();
  }

  #reading(kind: string, nanosecondsOf: (delays: IntervalHistogram) => number): Readings {
    const read = (): readonly Sample[] => {
      // Nothing, until something has been seen.
      if (this.#delays.count === 0) return [];
      // Node counts the time between two looks, of which most is no delay.
      return [[{}, Math.max(0, nanosecondsOf(this.#delays) / 1e9 - RESOLUTION_MS / 1000)]];
    };
    const help = `Delay of the event loop since the last scrape: ${kind}.`;
    return { [`nodejs_eventloop_lag_${kind}_seconds`]: [help, read, 'max'] };
  }
}

/** What every process is asked for, by the names that all clients of Prometheus use. */
export const PROCESS_READINGS: Readings = {
  process_cpu_seconds_total: ['User and system CPU time.', cpuSeconds],
  nodejs_eventloop_active_seconds_total: [
    'Time the event loop was not idle.',
    () => performance.eventLoopUtilization().active / 1000,
  ],
  process_start_time_seconds: [
    'When the process was started.',
    () => performance.timeOrigin / 1000,
    'min',
  ],
  process_resident_memory_bytes: ['Resident memory.', () => process.memoryUsage.rss()],
  nodejs_heap_size_used_bytes: ['What the heap holds.', () => process.memoryUsage().heapUsed],
  nodejs_external_memory_bytes: [
    'Memory outside of the heap: rings and buffers.',
    () => process.memoryUsage().external,
  ],
  process_open_fds: ['Open files and sockets.', openDescriptors],
  process_max_fds: [
    'As many files and sockets as may be open.',
    () => [descriptorLimit()].filter(Number.isFinite).map((most) => [{}, most]),
  ],
  nodejs_version_info: [
    'Always 1; the version of Node.',
    () => [[{ version: process.version }, 1]],
    'first',
  ],
};

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Nothing where the system does not tell. */
async function openDescriptors(): Promise<number | readonly Sample[]> {
  try {
    // One of them is that of the folder itself.
    return (await readdir('/proc/self/fd')).length - 1;
  } catch {
    return [];
  }
}

import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { descriptorLimit } from '../guards/descriptors.ts';
import { counter, gauge, type Reading, type Sample } from './readings.ts';

/** How often the event loop is looked at: a hundred times a second takes 0.7 % of a core. */
const RESOLUTION_MS = 10;

/**
 * How late the event loop is: whatever holds it up holds up every row.
 *
 * Looking costs a little all the time, so it begins with the first scrape.
 */
export class EventLoop {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#delays.enable();
  }

  stop(): void {
    this.#delays.disable();
  }

  /** Since the last call, by the names that dashboards for Node know. */
  readings(): Reading[] {
    const kinds: Readonly<Record<string, () => number>> = {
      mean: () => this.#delays.mean,
      p50: () => this.#delays.percentile(50),
      p99: () => this.#delays.percentile(99),
      // Asked for last: the next time begins anew.
      max: () => {
        const { max } = this.#delays;
        this.#delays.reset();
        return max;
      },
    };
    return Object.entries(kinds).map(([kind, nanoseconds]) => ({
      name: `nodejs_eventloop_lag_${kind}_seconds`,
      help: `Delay of the event loop since the last scrape: ${kind}.`,
      type: 'gauge',
      aggregator: 'max',
      read: () => this.#read(nanoseconds),
    }));
  }

  /** Nothing, until something has been seen. */
  #read(nanoseconds: () => number): Sample[] {
    if (this.#delays.count === 0) return [];
    // Node counts the time between two looks, of which most is no delay.
    return [{ value: Math.max(0, nanoseconds() / 1e9 - RESOLUTION_MS / 1000) }];
  }
}

/** What every process is asked for, by the names that all clients of Prometheus use. */
export function processReadings(): Reading[] {
  return [
    counter('process_cpu_seconds_total', 'User and system CPU time.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
    counter('nodejs_eventloop_active_seconds_total', 'Time the event loop was not idle.', () => {
      return performance.eventLoopUtilization().active / 1000;
    }),
    {
      ...gauge('process_start_time_seconds', 'When the process was started.', () => {
        return performance.timeOrigin / 1000;
      }),
      aggregator: 'min',
    },
    gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()),
    gauge('nodejs_heap_size_used_bytes', 'What the heap holds.', () => {
      return process.memoryUsage().heapUsed;
    }),
    gauge('nodejs_external_memory_bytes', 'Memory outside of the heap: rings and buffers.', () => {
      return process.memoryUsage().external;
    }),
    {
      name: 'process_open_fds',
      help: 'Open files and sockets.',
      type: 'gauge',
      read: openDescriptors,
    },
    {
      name: 'process_max_fds',
      help: 'As many files and sockets as may be open.',
      type: 'gauge',
      read: () => [descriptorLimit()].filter(Number.isFinite).map((value) => ({ value })),
    },
    {
      name: 'nodejs_version_info',
      help: 'Always 1; the version of Node.',
      type: 'gauge',
      aggregator: 'first',
      read: () => [{ value: 1, labels: { version: process.version } }],
    },
  ];
}

/** Nothing where the system does not tell. */
async function openDescriptors(): Promise<Sample[]> {
  try {
    // One of them is that of the folder itself.
    return [{ value: (await readdir('/proc/self/fd')).length - 1 }];
  } catch {
    return [];
  }
}

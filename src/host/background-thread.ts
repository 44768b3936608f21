import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

/** A server that is busier than that goes first. */
const MOST_UTILIZATION = 0.5;

/** What runs a job, a part of it at a time. */
export interface BackgroundThread {
  /** Lets the thread go on; it is given a message with that. */
  goOn(message?: unknown): void;
  stop(): Promise<void>;
}

/** Who hears of a thread. */
export interface ThreadListener<Made> {
  made(value: Made): void;
  failed(error: unknown): void;
  /** Whether all was made. */
  ended(isWhole: boolean): void;
}

/** Starts a thread of this process that nobody stays for. */
export function startThread<Made>(
  url: URL,
  name: string,
  job: unknown,
  { made, failed, ended }: ThreadListener<Made>,
): BackgroundThread {
  const thread = new Worker(url, { name, workerData: job });
  thread.unref();
  let isStopped = false;
  let hasFailed = false;
  thread.on('message', made);
  thread.on('error', (error) => {
    hasFailed = true;
    failed(error);
  });
  thread.on('exit', () => ended(!isStopped && !hasFailed));
  return {
    goOn: (message) => thread.postMessage(message),
    stop: async () => {
      isStopped = true;
      await thread.terminate();
    },
  };
}

/** Tells whether this process had more to do than not since it was asked last. */
export function busyLoop(): () => boolean {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization > MOST_UTILIZATION;
  };
}

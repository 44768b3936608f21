import { type Metric, type Readings, readAll, together } from '../host/metrics/exposition.ts';
import { PROCESS_READINGS } from '../host/metrics/process.ts';
import { type Member, send } from './member.ts';

/** A worker that does not give its metrics within this time counts with those it gave last. */
const READ_MS = 1000;

/** The metrics of workers, with those of workers that have ended: counters must not fall. */
export class WorkerMetrics {
  #asks = 0;
  #retired: readonly Metric[] = [];

  /** Those of each of `members`, of all that were, and of this process, with its `own`. */
  async readAll(members: Iterable<Member>, own: Readings): Promise<(readonly Metric[])[]> {
    const serving = [...members].filter(({ isListening }) => isListening);
    const each = serving.map((member) => this.#read(member));
    const here = readAll({ ...PROCESS_READINGS, ...own });
    return [...(await Promise.all([...each, here])), this.#retired];
  }

  /** Keeps what a worker counted that is no more. */
  retire({ metrics }: Member): void {
    const counted = metrics.filter(({ type }) => type !== 'gauge');
    this.#retired = together([this.#retired, counted]);
  }

  #read(member: Member): Promise<readonly Metric[]> {
    const ask = ++this.#asks;
    return new Promise((resolve) => {
      const done = (metrics: readonly Metric[]) => {
        clearTimeout(timer);
        member.asked.delete(ask);
        member.metrics = metrics;
        resolve(metrics);
      };
      const timer = setTimeout(() => done(member.metrics), READ_MS);
      member.asked.set(ask, done);
      send(member, { type: 'read', ask });
    });
  }
}

import type { Peers, Worker } from '../../src/host/peers.ts';

/** Workers of one process, who merge at once what the others report. */
export class TestPeers {
  readonly #members = new Map<number, Worker>();
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** The peers as the worker of this number sees it. */
  seenBy(number: number): Peers {
    return {
      workers: this.#workers,
      makesCandles: false,
      shareCandles: () => {},
      filled: async () => {},
      direct: (_feed, _clock, own) => own(),
      join: (worker) => this.#join(number, worker),
      read: () => Promise.all(this.#all().map(({ read }) => read())),
    };
  }

  /** What happens when a worker is gone. */
  end(number: number): void {
    this.#members.delete(number);
    for (const { addresses } of this.#all()) addresses.forget(number);
  }

  #all(): readonly Worker[] {
    return [...this.#members.values()];
  }

  #join(number: number, worker: Worker): void {
    const { addresses } = worker;
    for (const other of this.#all()) other.addresses.reportAll();
    this.#members.set(number, worker);
    addresses.share(() => {
      // There is something to report when the call is over.
      queueMicrotask(() => {
        const reports = addresses.report();
        if (this.#members.get(number) !== worker) return;
        for (const other of this.#all()) {
          if (other !== worker) other.addresses.merge(number, reports);
        }
      });
    });
  }
}

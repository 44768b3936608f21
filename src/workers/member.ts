import type { Worker } from 'node:cluster';
import type { Metric } from '../host/metrics/exposition.ts';
import type { Watched } from './heartbeat.ts';
import type { ToWorker } from './messages.ts';

/** A worker, as the primary knows it. */
export interface Member extends Watched {
  readonly worker: Worker;
  readonly startedMs: number;
  readonly isReplacement: boolean;
  /** Whether it reads what it is sent. */
  hasBegun: boolean;
  /** How much of its ring is filled, from 0 to 1. */
  progress: number;
  isFilled: boolean;
  isListening: boolean;
  isReady: boolean;
  /** Its metrics, as it said them last. */
  metrics: readonly Metric[];
  readonly asked: Map<number, (metrics: readonly Metric[]) => void>;
}

/** Nobody reads it when the worker is gone: its `exit` is on the way. */
export function send({ worker, hasBegun }: Member, message: ToWorker): void {
  if (hasBegun && worker.isConnected()) worker.send(message, () => {});
}

/** One that has just been begun; `hangs` is called when it is silent for too long. */
export function newMember(
  worker: Worker,
  isReplacement: boolean,
  hangs: (member: Member, silentMs: number) => void,
): Member {
  const member: Member = {
    ...{ worker, startedMs: performance.now(), isReplacement },
    ...{ hasBegun: false, progress: 0, isFilled: false, isListening: false, isReady: false },
    metrics: [],
    asked: new Map(),
    ask: () => send(member, { type: 'ping' }),
    hangs: (silentMs) => hangs(member, silentMs),
  };
  return member;
}

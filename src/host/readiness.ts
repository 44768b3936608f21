import { type ErrorDetails, TickwellError } from '../wire/errors.ts';
import type { Service } from './service.ts';

/** Why a server should be given no more readers, in the order in which they count. */
export const NOT_READY_REASONS = ['draining', 'filling', 'clock', 'log', 'late'] as const;
export type NotReadyReason = (typeof NOT_READY_REASONS)[number];

/** Advice for a client of HTTP, as `Retry-After` gives it; a stream gives each its own time. */
const IN_A_SECOND = '; try again in a second';

/** Throws while the ring is still being filled; with `advice` for whoever asked. */
export function checkReady(service: Service, advice = IN_A_SECOND): void {
  if (service.isReady()) return;
  const progress = percentOf(service) / 100;
  throw new TickwellError('not_ready', fillingReason(service) + advice, { progress });
}

/** Why rows do not flow while the ring is still being filled. */
export function fillingReason(service: Service): string {
  return `${percentOf(service)} % of the newest rows are made`;
}

function percentOf({ progress }: Service): number {
  return Math.floor(progress() * 100);
}

/** Why it should be given no more readers; undefined while it should. */
export function notReadyReason({ isDraining, isReady, wait }: Service): NotReadyReason | undefined {
  if (isDraining()) return 'draining';
  if (!isReady()) return 'filling';
  return wait.reason;
}

/** Throws while it should be given no more readers, with the reason. */
export function checkServing(service: Service): void {
  const reason = notReadyReason(service);
  if (reason === undefined) return;
  const [sentence, details] = problemOf(reason, service);
  throw new TickwellError('not_ready', sentence, { reason, ...details });
}

function problemOf(reason: NotReadyReason, service: Service): [string, ErrorDetails] {
  const { wait } = service;
  const lateMs = Math.round(wait.lateMs);
  const late = `${(lateMs / 1000).toFixed(1)} s`;
  switch (reason) {
    case 'draining':
      return ['the server is about to stop; go to another one', {}];
    case 'filling':
      return [fillingReason(service) + IN_A_SECOND, { progress: percentOf(service) / 100 }];
    case 'clock': {
      const waitMs = Math.round(wait.ms);
      const seconds = Math.ceil(waitMs / 1000);
      const sentence = `the server's clock was set back; rows flow again in ${seconds} s`;
      return [sentence, { nextRow: wait.nextRowMs, waitMs }];
    }
    case 'log':
      return [`rows wait for the log of what is done to the market, since ${late}`, { lateMs }];
    case 'late':
      return [`rows are late by ${late}: the server has too much to do`, { lateMs }];
  }
}

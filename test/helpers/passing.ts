import { setTimeout as sleep } from 'node:timers/promises';
import type { ManualClock } from './clock.ts';
import { TestSocket } from './socket.ts';

/** Four pings in a second are not too many, and no time limit is shorter than four steps. */
export const STEP_MS = 250;
/** Between two steps; a server looks at its clients once a second. */
const PAUSE_MS = 50;

/** A ping and its pong; the server has read all that the client had said before. */
export async function goAndReturn(well: TestSocket): Promise<void> {
  let { type } = await well.ask({ type: 'ping', id: 1 });
  while (type === 'heartbeat') ({ type } = await well.next());
  if (type !== 'pong') throw new Error(`a client that does nothing wrong is sent no ${type}`);
}

/**
 * Lets steady time pass until `end`, as fast as a client that does nothing wrong keeps up: a step
 * for each of its round trips. So who answers at once is in time, however slow the machine.
 */
export async function passUntil<T>(
  end: Promise<T>,
  clock: ManualClock,
  well: TestSocket | { goAndReturn(): Promise<unknown> },
): Promise<T> {
  let hasEnded = false;
  const over = () => {
    hasEnded = true;
  };
  void end.then(over, over);
  while (!hasEnded) {
    await (well instanceof TestSocket ? goAndReturn(well) : well.goAndReturn());
    clock.passSteadily(STEP_MS);
    await sleep(PAUSE_MS);
  }
  return end;
}

import { afterEach, describe, expect, test } from 'vitest';
import { defaultHost, type SocketClass } from '../../src/client/host.ts';
import { FakeSocket } from './world.ts';

class SomeSocket extends FakeSocket {
  readonly url: string;

  constructor(url: string, protocols: string[]) {
    super(protocols);
    this.url = url;
  }
}

/** Globals that a browser has, put back afterwards. */
const before = new Map<string, PropertyDescriptor | undefined>();

function setGlobal(name: string, value: unknown): void {
  if (!before.has(name)) before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

afterEach(() => {
  for (const [name, descriptor] of before) {
    if (descriptor === undefined) delete (globalThis as Record<string, unknown>)[name];
    else Object.defineProperty(globalThis, name, descriptor);
  }
  before.clear();
});

describe('the world as it is', () => {
  test('in Node has no events that wake, is online, and keeps time', async () => {
    const host = defaultHost(SomeSocket);
    const stop = host.onWake(() => expect.fail('nothing wakes'));
    expect(host.isOnline()).toBe(true);
    expect(host.random()).toBeLessThan(1);
    const startMs = host.nowMs();
    await new Promise<void>((run) => host.setTimer(2, run));
    expect(host.nowMs()).toBeGreaterThan(startMs);
    host.setTimer(0, () => expect.fail('it was cancelled'))();
    await new Promise<void>((run) => host.setTimer(2, run));
    stop();
  });

  test('opens sockets of the class that is passed, or else of the global one', () => {
    const open = (host: ReturnType<typeof defaultHost>) => host.openSocket('ws://a', ['p']);
    expect(open(defaultHost(SomeSocket))).toMatchObject({ url: 'ws://a', protocols: ['p'] });
    setGlobal('WebSocket', SomeSocket satisfies SocketClass);
    expect(open(defaultHost())).toBeInstanceOf(SomeSocket);
  });

  test('in a browser wakes when the network is back and when the page is shown', () => {
    const events = new EventTarget();
    const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    setGlobal('addEventListener', events.addEventListener.bind(events));
    setGlobal('removeEventListener', events.removeEventListener.bind(events));
    setGlobal('document', page);
    setGlobal('navigator', { onLine: false });
    const host = defaultHost(SomeSocket);
    let woken = 0;
    const stop = host.onWake(() => woken++);
    expect(host.isOnline()).toBe(false);
    page.dispatchEvent(new Event('visibilitychange'));
    expect(woken).toBe(0);
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    events.dispatchEvent(new Event('online'));
    expect(woken).toBe(2);
    stop();
    page.dispatchEvent(new Event('visibilitychange'));
    events.dispatchEvent(new Event('online'));
    expect(woken).toBe(2);
  });
});

import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { whenOver } from '../../../src/host/access/answer-end.ts';

it.each([['finish', 'close'], ['close'], ['finish']])(
  'all who wait for the end of an answer are told once, in order: %s, %s',
  (...events: readonly (string | undefined)[]) => {
    const response = new EventEmitter();
    const told: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      whenOver(response as ServerResponse, () => told.push(name));
    }
    expect(told).toEqual([]);
    for (const event of events) if (event !== undefined) response.emit(event);
    expect(told).toEqual(['a', 'b', 'c']);
  },
);

it('an answer has two listeners, however many wait for its end', () => {
  const response = new EventEmitter();
  for (let n = 0; n < 20; n++) whenOver(response as ServerResponse, () => {});
  expect(response.listenerCount('finish') + response.listenerCount('close')).toBe(2);
});

import { expect, it } from 'vitest';
import { ErrorShapes } from '../../../src/host/http/error-shapes.ts';
import type { ErrorEncoder } from '../../../src/host/http/refusal.ts';

const encoder = (): ErrorEncoder => () => ({ contentType: 'text/plain', body: '' });
const [outer, inner] = [encoder(), encoder()];
const shapes = new ErrorShapes([
  { prefixes: ['/api', '/api/v3'], encodeError: outer },
  { prefixes: ['/api/v3/private'], encodeError: inner },
  { prefixes: ['/api/v3/private/plain'] },
]);

it.each([
  ['/api', outer],
  ['/api/', outer],
  ['/api?/api/v3/private', outer],
  ['/api/v3/privately', outer],
  ['/api/v3/private', inner],
  ['http://localhost/api/v3/private/orders?a=1', inner],
  // Its own errors are as ours.
  ['/api/v3/private/plain/a', undefined],
  ['/apis', undefined],
  ['/v1/api', undefined],
  ['', undefined],
  [undefined, undefined],
])(
  'the longest prefix that a request is at or below says how its errors are written: %s',
  (url, encode) => {
    expect(shapes.of(url)).toBe(encode);
  },
);

it('a path of 16 KB of slashes is looked at as often as any other', () => {
  const slashes = '/'.repeat(16_384);
  const calls = callsOfTexts(() => shapes.of(slashes));
  expect(calls).toBe(callsOfTexts(() => shapes.of('/none')));
});

/** How many methods of texts are called. */
function callsOfTexts(act: () => void): number {
  const methods = Object.getOwnPropertyDescriptors(String.prototype) as PropertyDescriptorMap;
  let count = 0;
  for (const [name, { value }] of Object.entries(methods)) {
    if (typeof value !== 'function' || name === 'constructor') continue;
    const counted = function (this: unknown, ...given: unknown[]) {
      count += 1;
      return value.apply(this, given);
    };
    Object.defineProperty(String.prototype, name, { ...methods[name], value: counted });
  }
  try {
    act();
  } finally {
    Object.defineProperties(String.prototype, methods);
  }
  return count;
}
